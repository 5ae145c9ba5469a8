// Story, frame and tables share one place; printing shows the story whatever is open.

import type { JSX } from 'preact';
import { panel } from '../state.ts';
import { FrameView } from './frame.tsx';
import { StoryView } from './story.tsx';
import { TablesView } from './tables.tsx';

const PANELS = [
  { id: 'story', name: 'Story', View: StoryView },
  { id: 'frame', name: 'Frame', View: FrameView },
  { id: 'tables', name: 'Tables', View: TablesView },
] as const;

/** Tabs; the arrow keys lead from one to the next. */
export function Panels(): JSX.Element {
  return (
    <section class="panels" aria-label="Story, frame and tables">
      <div role="tablist" aria-label="Panels" class="tabs">
        {PANELS.map(({ id, name }, at) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-selected={panel.value === id}
            aria-controls={`panel-${id}`}
            tabIndex={panel.value === id ? 0 : -1}
            onClick={() => {
              panel.value = id;
            }}
            onKeyDown={(event) => {
              const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
              const next = PANELS[(at + by + PANELS.length) % PANELS.length];
              if (by === 0 || next === undefined) return;
              event.stopPropagation();
              panel.value = next.id;
              document.getElementById(`tab-${next.id}`)?.focus();
            }}
          >
            {name}
          </button>
        ))}
      </div>
      {PANELS.map(({ View, id }) => (
        <div
          key={id}
          role="tabpanel"
          id={`panel-${id}`}
          aria-labelledby={`tab-${id}`}
          class="panel"
          hidden={panel.value !== id}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
          tabIndex={0}
        >
          {panel.value === id || id === 'story' ? <View /> : null}
        </div>
      ))}
    </section>
  );
}
