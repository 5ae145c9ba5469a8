// What is shown where there is nothing to show: what happened, and what to do.

import type { JSX } from 'preact';

/** A plain message instead of a blank page. */
export function Problem({
  hint,
  title,
}: {
  readonly title: string;
  readonly hint: string;
}): JSX.Element {
  return (
    <main class="problem">
      <h1>{title}</h1>
      <p>{hint}</p>
    </main>
  );
}
