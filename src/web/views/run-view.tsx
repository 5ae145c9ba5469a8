// All views of one run. Playground and report show the same.

import { effect } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { conflict, run, said } from '../state.ts';
import { Banner } from './banner.tsx';
import { Help, isHelpOpen } from './keys.tsx';
import { LadderView } from './ladder.tsx';
import { Lanes } from './lanes.tsx';
import { Panels } from './panels.tsx';
import { PictureView } from './picture.tsx';
import { toggleTheme } from './theme.ts';
import { Transport } from './transport.tsx';

/** `tools` stand at the end of the heading, `side` at the left of the views. */
export function RunView({
  side,
  tools,
}: {
  readonly tools?: ComponentChildren;
  readonly side?: ComponentChildren;
}): JSX.Element {
  const report = run.value?.record.report;
  return (
    <>
      <header>
        <div class="title">
          <h1>
            egresslab <span>{report?.topology.name ?? ''}</span>
          </h1>
          <span class="muted">{report === undefined ? '' : `seed ${report.seed}`}</span>
          <span class="tools">
            {tools}
            <button type="button" onClick={toggleTheme} title="Light or dark">
              ◐ theme
            </button>
            <button
              type="button"
              onClick={() => {
                isHelpOpen.value = true;
              }}
            >
              ? keys
            </button>
          </span>
        </div>
        <Transport />
        <Banner />
      </header>
      <main class={side === undefined ? 'views' : 'views with-side'}>
        {side}
        {run.value === null ? null : (
          <>
            <Lanes />
            <LadderView />
            <PictureView />
            <Panels />
          </>
        )}
      </main>
      <p class="sr" role="status" aria-live="polite">
        {said.value}
      </p>
      <Help />
    </>
  );
}

effect(() => {
  const name = run.value?.record.report.topology.name;
  const title = name === undefined ? 'egresslab' : `${name} – egresslab`;
  document.title = conflict.value === null ? title : `! ${title}`;
});
