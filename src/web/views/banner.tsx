// The line across the page while two machines have one address. Spoken once for each such stretch of time.

import type { JSX } from 'preact';
import { address, conflict, letters, moveTo } from '../state.ts';
import { claimClass, millis } from './format.ts';

/** Nothing outside of a conflict. */
export function Banner(): JSX.Element {
  const found = conflict.value;
  return (
    <div role="alert" class="alerts">
      {found === null ? null : (
        <div class="banner" key={`${found.address} ${found.from}`}>
          <strong>! CONFLICT</strong>{' '}
          {found.machines.map((name, at) => (
            <span key={name}>
              {at === 0 ? '' : ' and '}
              <Letter name={name} /> {name}
            </span>
          ))}{' '}
          all answer for <span class="mono">{found.address}</span> since {millis(found.from)} s
          <button type="button" onClick={() => moveTo(found.from)}>
            its beginning
          </button>
          <button
            type="button"
            onClick={() => {
              address.value = found.address;
            }}
          >
            tell its story
          </button>
        </div>
      )}
    </div>
  );
}

/** The letter of a machine in its color; nothing for one that has none. */
export function Letter({ name }: { readonly name: string }): JSX.Element | null {
  const letter = letters.value.get(name);
  if (letter === undefined) return null;
  return <span class={`letter ${claimClass(letter)}`}>{letter}</span>;
}
