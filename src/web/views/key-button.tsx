// A button that stands for a key.

import type { JSX } from 'preact';

/** `keys`: which key does the same, for the title. */
export function KeyButton({
  act,
  keys,
  name,
  text,
}: {
  readonly name: string;
  readonly keys: string;
  readonly text: string;
  readonly act: () => void;
}): JSX.Element {
  return (
    <button type="button" title={`${name} (${keys})`} aria-label={name} onClick={act}>
      {text}
    </button>
  );
}
