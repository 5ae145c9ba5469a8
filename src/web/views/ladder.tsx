// The ladder: machines as columns, one line for each frame. Only the rows in sight are in the page.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LadderRow } from '../../view/ladder.ts';
import { cursor, filter, follow, letters, moveToFrame, run, shown, stepFrame } from '../state.ts';
import { Letter } from './banner.tsx';
import { claimClass, count, micros } from './format.ts';

const ROW_HEIGHT = 22;
/** Rows beyond the edges, so that scrolling shows no gap. */
const MARGIN = 8;
/** More columns carry no labels. */
const COLUMN_LIMIT = 9;

/** With its filter. */
export function LadderView(): JSX.Element | null {
  const index = run.value;
  if (index === null) return null;
  const { frames, framesTotal, report } = index.record;
  const kept = framesTotal - frames.length;
  return (
    <section class="ladder" aria-label="Ladder" id="ladder">
      <div class="ladder-head">
        <label>
          <span class="sr">filter of frames</span>
          <input
            id="filter"
            type="search"
            placeholder="filter: address, machine, arp, drops…"
            value={filter.value}
            onInput={(event) => {
              filter.value = event.currentTarget.value;
            }}
          />
        </label>
        <Chip text="all" words="" />
        <Chip text="ARP" words="arp" />
        <Chip text="drops" words="drops" />
        {report.flows.slice(0, 3).map(({ name }) => (
          <Chip key={name} text={name} words={name} />
        ))}
        <button type="button" onClick={follow} title="This packet only, end to end (p)">
          follow packet
        </button>
        <span class="muted" role="status">
          {count(shown.value.length)} of {count(frames.length)} frames shown
          {kept > 0 ? `; the first ${count(kept)} were not kept` : ''}
        </span>
      </div>
      <Rows frames={frames} />
    </section>
  );
}

function Chip({ text, words }: { readonly text: string; readonly words: string }): JSX.Element {
  return (
    <button
      type="button"
      aria-pressed={filter.value === words}
      onClick={() => {
        filter.value = words;
      }}
    >
      {text}
    </button>
  );
}

function Rows({ frames }: { readonly frames: readonly LadderRow[] }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const list = shown.value;
  const { frame } = cursor.value;
  const position = lastAtMost(list, frame);
  const columns = columnsOf(frames, list);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setView({ top: element.scrollTop, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const top = Math.max(0, position) * ROW_HEIGHT;
    const isInSight =
      top >= element.scrollTop && top + ROW_HEIGHT <= element.scrollTop + element.clientHeight;
    if (!isInSight) element.scrollTop = top - element.clientHeight / 2;
  }, [position]);

  const first = Math.max(0, Math.floor(view.top / ROW_HEIGHT) - MARGIN);
  const last = Math.min(list.length, Math.ceil((view.top + view.height) / ROW_HEIGHT) + MARGIN);
  const isOn = list[position] === frame && position >= first && position < last;
  return (
    <>
      <div class="columns" aria-hidden="true">
        <div class="columns-lanes">
          {columns.map((name, at) => (
            <span
              key={name}
              class="column"
              style={{
                left: `${middle(at, columns.length)}%`,
                maxWidth: `${200 / columns.length}%`,
              }}
              title={name}
            >
              <Letter name={name} /> {name}
            </span>
          ))}
        </div>
      </div>
      <div
        ref={box}
        class="rows"
        role="listbox"
        aria-label="Frames"
        tabIndex={0}
        aria-activedescendant={isOn ? `frame-${frame}` : undefined}
        onScroll={(event) => {
          const { clientHeight, scrollTop } = event.currentTarget;
          setView({ top: scrollTop, height: clientHeight });
        }}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          stepFrame(event.key === 'ArrowDown' ? 1 : -1);
        }}
      >
        <div role="presentation" style={{ height: `${list.length * ROW_HEIGHT}px` }}>
          {list.slice(first, last).map((index, at) => {
            const row = frames[index];
            const before = frames[list[first + at - 1] ?? -1];
            return row === undefined ? null : (
              <Row
                key={index}
                index={index}
                row={row}
                place={first + at}
                size={list.length}
                gap={before === undefined ? 0 : row.at - before.at}
                columns={columns}
                isChosen={index === frame}
              />
            );
          })}
        </div>
      </div>
      {list.length === 0 ? (
        <p class="empty">No frame matches “{filter.value}”. Choose “all” to see every frame.</p>
      ) : null}
    </>
  );
}

interface RowProps {
  readonly index: number;
  readonly row: LadderRow;
  readonly place: number;
  readonly size: number;
  /** Lab time since the row above. */
  readonly gap: number;
  readonly columns: readonly string[];
  readonly isChosen: boolean;
}

/** A pause that is worth a line. */
const LONG_GAP = 1e8;

function Row({ columns, gap, index, isChosen, place, row, size }: RowProps): JSX.Element {
  const { at, drops, note, text } = row;
  const isDropped = drops.length > 0;
  const rewritten = note === null ? '' : ` — ${note}`;
  const reasons = drops.map(({ reason, device }) => `${reason} at ${device}`).join(', ');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys; an option is chosen by it
    <div
      id={`frame-${index}`}
      role="option"
      aria-selected={isChosen}
      aria-posinset={place + 1}
      aria-setsize={size}
      tabIndex={-1}
      class={`row${isChosen ? ' chosen' : ''}${isDropped ? ' dropped' : ''}${gap > LONG_GAP ? ' after-gap' : ''}`}
      style={{ top: `${place * ROW_HEIGHT}px` }}
      onClick={() => moveToFrame(index)}
    >
      <span class="sr">{sentenceOf(row)}</span>
      <span class="time" aria-hidden="true">
        {micros(at)}
      </span>
      <Arrow row={row} columns={columns} />
      <span class="text" aria-hidden="true" title={`${text}${rewritten}`}>
        {isDropped ? <strong class="reason">✕ {reasons} </strong> : null}
        {text}
        <span class="note">{rewritten}</span>
      </span>
    </div>
  );
}

function Arrow({
  columns,
  row,
}: {
  readonly row: LadderRow;
  readonly columns: readonly string[];
}): JSX.Element {
  const x = (name: string): number | null => {
    const at = columns.indexOf(name);
    return at < 0 ? null : middle(at, columns.length);
  };
  const from = row.from === null ? null : x(row.from.machine);
  const ends = row.to.flatMap(({ machine, taken }) => {
    const end = x(machine);
    return end === null ? [] : [{ machine, taken, end }];
  });
  const takers = ends.some(({ taken }) => taken) ? ends.filter(({ taken }) => taken) : ends;
  const claim = claimClass(letters.value.get(row.from?.machine ?? ''));
  return (
    <svg class={`arrow ${protocolOf(row.text)}`} aria-hidden="true">
      {columns.map((name, at) => {
        const line = `${middle(at, columns.length)}%`;
        return <line key={name} class="life" x1={line} x2={line} y1="0" y2={ROW_HEIGHT} />;
      })}
      {from === null
        ? null
        : takers.map(({ end, machine }) => (
            <line key={machine} class="shaft" x1={`${from}%`} x2={`${end}%`} y1="11" y2="11" />
          ))}
      {ends.map(({ end, machine, taken }) => (
        <svg
          key={machine}
          x={`${end}%`}
          y="11"
          class={taken ? 'head' : 'head ignored'}
          aria-hidden="true"
        >
          <path d={from === null || from <= end ? 'M0 0l-8 -4v8z' : 'M0 0l8 -4v8z'} />
        </svg>
      ))}
      {from === null ? null : (
        <svg x={`${from}%`} y="11" class={`origin ${claim}`} aria-hidden="true">
          <circle r={claim === '' ? 2.5 : 5} />
        </svg>
      )}
      {row.drops.map(({ device, reason }) => (
        <svg
          key={`${device} ${reason}`}
          x={`${x(device) ?? from ?? 2}%`}
          y="11"
          class="cross"
          aria-hidden="true"
        >
          <path d="M-5 -5L5 5M-5 5L5 -5" />
        </svg>
      ))}
    </svg>
  );
}

/** '13.500556, gateway to printer, ..., then dropped: no-socket at printer'. */
function sentenceOf({ at, drops, from, note, text, to }: LadderRow): string {
  const got = to.filter(({ taken }) => taken).map(({ machine }) => machine);
  const way = `${from?.machine ?? 'unknown'} to ${got.join(' and ') || 'nobody'}`;
  const lost = drops.map(({ device, reason }) => `, dropped: ${reason} at ${device}`).join('');
  return `${micros(at)}, ${way}, ${text}${lost}${note === null ? '' : `, ${note}`}`;
}

function protocolOf(text: string): string {
  if (text.startsWith('ARP')) return 'arp';
  if (text.includes('VXLAN')) return 'vxlan';
  if (text.includes('ICMP')) return 'icmp';
  return text.includes('Flags [') ? 'tcp' : 'udp';
}

function middle(at: number, columns: number): number {
  return ((at + 0.5) / columns) * 100;
}

let known: { frames: unknown; list: unknown; columns: readonly string[] } | null = null;

/** The machines that the shown frames are about, those that speak most, from left to right in a fixed order. */
function columnsOf(frames: readonly LadderRow[], list: readonly number[]): readonly string[] {
  if (known?.frames === frames && known.list === list) return known.columns;
  const spoken = new Map<string, number>();
  const add = (name: string): void => {
    spoken.set(name, (spoken.get(name) ?? 0) + 1);
  };
  for (const index of list) {
    const row = frames[index];
    if (row === undefined) continue;
    if (row.from !== null) add(row.from.machine);
    for (const { machine, taken } of row.to) if (taken) add(machine);
  }
  const order = [...spoken.keys()];
  const columns = [...spoken]
    .sort(([, a], [, b]) => b - a)
    .slice(0, COLUMN_LIMIT)
    .map(([name]) => name)
    .sort((a, b) => order.indexOf(a) - order.indexOf(b));
  known = { frames, list, columns };
  return columns;
}

/** Position of the last number that is at most `value` in a rising list; -1 when there is none. */
function lastAtMost(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const half = (low + high) >> 1;
    if ((list[half] ?? 0) <= value) low = half + 1;
    else high = half;
  }
  return low - 1;
}
