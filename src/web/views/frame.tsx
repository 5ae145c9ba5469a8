// The frame at the cursor: its fields with their places, the octets beside them, and why it exists. A field
// lights up its octets, an octet its field.

import type { JSX } from 'preact';
import { type Field, fieldsOf } from '../../wire/fields.ts';
import { cursor, filter, follow, moveToFrame, octets, run } from '../state.ts';
import { micros } from './format.ts';

const OCTETS_A_LINE = 16;

/** Nothing before the first frame. */
export function FrameView(): JSX.Element {
  const index = run.value;
  const found = index?.frame(cursor.value.frame) ?? null;
  if (index === null || found === null) return <p class="empty">No frame has been sent yet.</p>;
  const { octets: frame, row } = found;
  const fields = fieldsOf(frame);
  const { drops, from, length, note, packet, parent, sequence, text, to } = row;
  const before = parent === null ? -1 : index.frameNumbered(parent);
  return (
    <div class="frame">
      <p class="mono frame-line">{text}</p>
      {note === null ? null : <p class="frame-note">{note}</p>}
      {drops.map(({ device, reason }) => (
        <p class="bad" key={`${device} ${reason}`}>
          ✕ dropped: {reason} at {device}
        </p>
      ))}
      <p class="muted">
        frame {sequence}, packet {packet}, {length} octets, {micros(row.at)} s from{' '}
        {from?.port ?? 'unknown'} to{' '}
        {to.map((end) => `${end.port}${end.taken ? '' : ' (ignored)'}`).join(', ') || 'nobody'}
      </p>
      <p>
        <button type="button" onClick={follow}>
          {filter.value === `packet:${packet}` ? 'stop following' : 'follow this packet'}
        </button>
        {before < 0 ? null : (
          <button type="button" onClick={() => moveToFrame(before)}>
            where it came from
          </button>
        )}
      </p>
      <div class="frame-parts">
        <ul class="fields" aria-label="Fields">
          {fields.map((field) => (
            <FieldView key={`${field.name} ${field.at}`} field={field} />
          ))}
        </ul>
        <Hex bytes={frame.toBytes()} fields={fields} />
      </div>
    </div>
  );
}

function FieldView({ field }: { readonly field: Field }): JSX.Element {
  const { at, fields, length, name, value } = field;
  const chosen = octets.value?.at === at && octets.value.length === length;
  return (
    <li>
      <button
        type="button"
        class={`field${fields.length > 0 ? ' header' : ''}${chosen ? ' chosen' : ''}`}
        aria-pressed={chosen}
        onClick={() => choose(field)}
        onFocus={() => choose(field)}
        onMouseEnter={() => choose(field)}
      >
        <span class="place">{at}</span> <span class="name">{name}</span>{' '}
        <span class="mono">{value}</span>
      </button>
      {fields.length === 0 ? null : (
        <ul>
          {fields.map((inner) => (
            <FieldView key={`${inner.name} ${inner.at}`} field={inner} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** Arrow keys go from octet to octet. */
function Hex({
  bytes,
  fields,
}: {
  readonly bytes: Uint8Array;
  readonly fields: readonly Field[];
}): JSX.Element {
  const chosen = octets.value;
  const at = chosen?.at ?? 0;
  const lines = Array.from({ length: Math.ceil(bytes.length / OCTETS_A_LINE) }, (_, line) => line);
  const isIn = (octet: number): boolean =>
    chosen !== null && octet >= chosen.at && octet < chosen.at + chosen.length;
  return (
    <section
      class="hex mono"
      aria-label={`Octets, ${at}: ${fieldAt(fields, at)?.name ?? ''}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the arrow keys move in it
      tabIndex={0}
      onKeyDown={(event) => {
        const by = STEPS[event.key];
        if (by === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        const octet = Math.min(Math.max(0, at + by), bytes.length - 1);
        octets.value = { at: octet, length: 1 };
      }}
    >
      {lines.map((line) => (
        <div key={line} class="hex-line">
          <span class="place">{(line * OCTETS_A_LINE).toString(16).padStart(4, '0')}</span>
          {[...bytes.subarray(line * OCTETS_A_LINE, (line + 1) * OCTETS_A_LINE)].map(
            (value, column) => {
              const octet = line * OCTETS_A_LINE + column;
              return (
                // biome-ignore lint/a11y/noStaticElementInteractions: the mouse's way to a field; keys have the fields
                <span
                  key={octet}
                  class={isIn(octet) ? 'lit' : ''}
                  onMouseEnter={() => {
                    const field = fieldAt(fields, octet);
                    if (field !== null) choose(field);
                  }}
                >
                  {value.toString(16).padStart(2, '0')}
                </span>
              );
            },
          )}
        </div>
      ))}
      <p class="hex-field">{chosen === null ? '' : (fieldAt(fields, at)?.name ?? '')}</p>
    </section>
  );
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -OCTETS_A_LINE,
  ArrowDown: OCTETS_A_LINE,
};

function choose({ at, length }: Field): void {
  octets.value = { at, length };
}

/** The innermost field that an octet belongs to; the smallest where several share it. */
function fieldAt(fields: readonly Field[], octet: number): Field | null {
  const holding = fields.filter(({ at, length }) => octet >= at && octet < at + length);
  const [found = null] = holding.sort((a, b) => a.length - b.length);
  return found === null ? null : (fieldAt(found.fields, octet) ?? found);
}
