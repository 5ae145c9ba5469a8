// Lanes: time from left to right, one lane for each thing that lasts. A click moves the cursor there.

import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { lanesOf, type Swimlane, type SwimlaneSpan } from '../query/lanes.ts';
import { address, cursor, filter, moveTo, pan, run, zoom, zoomBy } from '../state.ts';
import { claimClass, millis } from './format.ts';
import { KeyButton } from './key-button.tsx';

/** What the stretch under the mouse or the focus means. */
const told: Signal<string> = signal('');

/** A stretch of time. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Where a time stands in the lanes, as CSS has it. */
function placeOf(at: number, { from, to }: Stretch): string {
  return `${((at - from) / (to - from)) * 100}%`;
}

/** The lanes of the chosen address and of all flows. */
export function Lanes(): JSX.Element | null {
  const index = run.value;
  if (index === null) return null;
  const contested = index.contested();
  const chosen = contested.find((each) => each.address === address.value) ?? null;
  const lanes = lanesOf(index.record.report, chosen);
  const stretch = zoom.value ?? { from: 0, to: index.duration };
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
        <Scale stretch={stretch} />
      </div>
      {lanes.map((lane) => (
        <LaneView key={lane.label} lane={lane} stretch={stretch} />
      ))}
      <div class="lanes-foot">
        <span class="lanes-zoom">
          <KeyButton name="Less time" keys="+" text="+" act={() => zoomBy(0.5)} />
          <KeyButton name="More time" keys="-" text="−" act={() => zoomBy(2)} />
          <KeyButton
            name="All of the time"
            keys="0"
            text="all"
            act={() => {
              zoom.value = null;
            }}
          />
          <KeyButton name="Earlier" keys="a" text="◀" act={() => pan(-0.25)} />
          <KeyButton name="Later" keys="d" text="▶" act={() => pan(0.25)} />
        </span>
        <span class="muted told">{told.value}</span>
      </div>
    </section>
  );
}

function LaneView({
  lane,
  stretch,
}: {
  readonly lane: Swimlane;
  readonly stretch: Stretch;
}): JSX.Element {
  const inSight = lane.spans.filter(({ from, to }) => to >= stretch.from && from <= stretch.to);
  return (
    <fieldset class="lane">
      <legend class="lane-name">{lane.label}</legend>
      <div class="lane-time">
        {inSight.map((span, at) => (
          <Span
            key={`${span.kind} ${span.from} ${span.letter}`}
            span={span}
            stretch={stretch}
            isFirst={at === 0}
          />
        ))}
        <Now stretch={stretch} />
      </div>
    </fieldset>
  );
}

/** A stretch; the arrow keys lead to its neighbors. */
function Span({
  isFirst,
  span,
  stretch,
}: {
  readonly span: SwimlaneSpan;
  readonly stretch: Stretch;
  readonly isFirst: boolean;
}): JSX.Element {
  const { from, kind, letter, text, to } = span;
  const start = Math.max(from, stretch.from);
  const end = Math.min(to, stretch.to);
  const mark = kind === 'announces' ? letter.toUpperCase() : letter;
  return (
    <button
      type="button"
      class={`span span-${kind} ${kind === 'holds' || kind === 'believes' ? claimClass(letter) : ''}`}
      style={{
        left: placeOf(start, stretch),
        width: kind === 'announces' ? '' : placeOf(stretch.from + end - start, stretch),
      }}
      tabIndex={isFirst ? 0 : -1}
      title={text}
      aria-label={text}
      onClick={() => moveTo(from)}
      onMouseEnter={() => {
        told.value = text;
      }}
      onFocus={() => {
        told.value = text;
      }}
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

function Now({ stretch }: { readonly stretch: Stretch }): JSX.Element {
  return <div class="now" style={{ left: placeOf(cursor.value.at, stretch) }} />;
}

function Scale({ stretch }: { readonly stretch: Stretch }): JSX.Element {
  const { from, to } = stretch;
  return (
    <div class="scale" aria-hidden="true">
      {[0, 0.25, 0.5, 0.75, 1].map((part) => (
        <span key={part} style={{ left: `${part * 100}%` }}>
          {millis(from + part * (to - from))}
        </span>
      ))}
    </div>
  );
}
