// Lanes: time from left to right, one lane for each thing that lasts. A click moves the cursor there.

import type { JSX } from 'preact';
import { lanesOf, type Swimlane, type SwimlaneSpan } from '../query/lanes.ts';
import { address, cursor, filter, moveTo, run } from '../state.ts';
import { claimClass, millis } from './format.ts';

/** The lanes of the chosen address and of all flows. */
export function Lanes(): JSX.Element | null {
  const index = run.value;
  if (index === null) return null;
  const contested = index.contested();
  const chosen = contested.find((each) => each.address === address.value) ?? null;
  const lanes = lanesOf(index.record.report, chosen);
  return (
    <section class="lanes" aria-label="Lanes" id="lanes" tabIndex={-1}>
      <div class="lanes-head">
        {contested.length === 0 ? (
          <span class="muted">Nobody disputes an address here.</span>
        ) : (
          <label>
            address{' '}
            <select
              value={address.value ?? ''}
              onChange={(event) => {
                address.value = event.currentTarget.value;
                filter.value = event.currentTarget.value;
              }}
            >
              {contested.map((each) => (
                <option key={each.address}>{each.address}</option>
              ))}
            </select>
          </label>
        )}
        <Scale duration={index.duration} />
      </div>
      {lanes.map((lane) => (
        <LaneView key={lane.label} lane={lane} duration={index.duration} />
      ))}
    </section>
  );
}

function LaneView({
  duration,
  lane,
}: {
  readonly lane: Swimlane;
  readonly duration: number;
}): JSX.Element {
  return (
    <fieldset class="lane">
      <legend class="lane-name">{lane.label}</legend>
      <div class="lane-time">
        {lane.spans.map((span, at) => (
          <Span
            key={`${span.kind} ${span.from} ${span.letter}`}
            span={span}
            duration={duration}
            isFirst={at === 0}
          />
        ))}
        <Now duration={duration} />
      </div>
    </fieldset>
  );
}

/** A stretch; the arrow keys lead to its neighbors. */
function Span({
  duration,
  isFirst,
  span,
}: {
  readonly span: SwimlaneSpan;
  readonly duration: number;
  readonly isFirst: boolean;
}): JSX.Element {
  const { from, kind, letter, text, to } = span;
  const mark = kind === 'announces' ? letter.toUpperCase() : letter;
  return (
    <button
      type="button"
      class={`span span-${kind} ${kind === 'holds' || kind === 'believes' ? claimClass(letter) : ''}`}
      style={{
        left: `${(from / duration) * 100}%`,
        width: kind === 'announces' ? '' : `${((to - from) / duration) * 100}%`,
      }}
      tabIndex={isFirst ? 0 : -1}
      title={text}
      aria-label={text}
      onClick={() => moveTo(from)}
      onKeyDown={(event) => {
        const { currentTarget, key } = event;
        const next =
          key === 'ArrowRight'
            ? currentTarget.nextElementSibling
            : key === 'ArrowLeft'
              ? currentTarget.previousElementSibling
              : null;
        if (next instanceof HTMLElement) next.focus();
        if (key === 'ArrowRight' || key === 'ArrowLeft') event.stopPropagation();
      }}
    >
      {kind === 'conflict' ? '!' : kind === 'outage' ? '×' : mark}
    </button>
  );
}

function Now({ duration }: { readonly duration: number }): JSX.Element {
  return <div class="now" style={{ left: `${(cursor.value.at / duration) * 100}%` }} />;
}

function Scale({ duration }: { readonly duration: number }): JSX.Element {
  return (
    <div class="scale" aria-hidden="true">
      {[0, 0.25, 0.5, 0.75, 1].map((part) => (
        <span key={part} style={{ left: `${part * 100}%` }}>
          {millis(part * duration)}
        </span>
      ))}
    </div>
  );
}
