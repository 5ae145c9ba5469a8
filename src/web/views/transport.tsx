// The bar on top: where one stands, and the buttons that move it.

import type { JSX } from 'preact';
import {
  conflicts,
  cursor,
  moveTo,
  playing,
  run,
  since,
  speed,
  stepChange,
  stepDrop,
  stepEvent,
  stepFrame,
} from '../state.ts';
import { micros, millis } from './format.ts';
import { KeyButton } from './key-button.tsx';

const SPEEDS = [0.1, 0.5, 1, 2, 5, 10];

/** Play, step, scrub. */
export function Transport(): JSX.Element {
  const duration = run.value?.duration ?? 0;
  const { at } = cursor.value;
  return (
    <div class="transport" role="group" aria-label="Time">
      <KeyButton name="First instant" keys="Home" text="|◀" act={() => moveTo(0)} />
      <KeyButton name="Previous event" keys="," text="◀ event" act={() => stepEvent(-1)} />
      <KeyButton name="Previous frame" keys="Left" text="◀ frame" act={() => stepFrame(-1)} />
      <button
        type="button"
        class="play"
        aria-pressed={playing.value}
        title="Play or pause (Space)"
        onClick={() => {
          playing.value = !playing.value;
        }}
      >
        {playing.value ? '❚❚ pause' : '▶ play'}
      </button>
      <KeyButton name="Next frame" keys="Right" text="frame ▶" act={() => stepFrame(1)} />
      <KeyButton name="Next event" keys="." text="event ▶" act={() => stepEvent(1)} />
      <KeyButton name="Next drop" keys="]" text="drop ▶" act={() => stepDrop(1)} />
      <KeyButton
        name="Next change of the address"
        keys="Shift+Right"
        text="change ▶"
        act={() => stepChange(1)}
      />
      <KeyButton name="Last instant" keys="End" text="▶|" act={() => moveTo(duration)} />
      <label class="speed">
        <span>speed</span>
        <select
          value={speed.value}
          onChange={(event) => {
            speed.value = Number(event.currentTarget.value);
          }}
        >
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each}×
            </option>
          ))}
        </select>
      </label>
      <output class="clock" aria-label="Lab time">
        {micros(at)} <span class="muted">/ {millis(duration)} s</span>
      </output>
      <Conflicts />
      <input
        class="scrub"
        type="range"
        min={Math.floor(since.value / 1e6)}
        max={Math.ceil(duration / 1e6)}
        step={1}
        value={at / 1e6}
        aria-label="Scrub through lab time"
        aria-valuetext={`${millis(at)} seconds`}
        onInput={(event) => moveTo(Number(event.currentTarget.value) * 1e6)}
      />
    </div>
  );
}

/** Wherever the cursor stands, the conflicts of the run are one click away. */
function Conflicts(): JSX.Element | null {
  const [first] = conflicts.value;
  if (first === undefined) return null;
  const more = conflicts.value.length;
  return (
    <button type="button" class="bad chip" onClick={() => moveTo(first.from)}>
      ! {more === 1 ? '1 conflict' : `${more} conflicts`} from {millis(first.from)} s
    </button>
  );
}
