// The picture: segments as buses, machines as tiles below them, as all of it stands at the cursor. The frame at
// the cursor travels along its cables.

import { computed } from '@preact/signals';
import type { JSX } from 'preact';
import { BUS_OFFSET, type DrawnCable, type Point, pictureOf, type Tile } from '../query/layout.ts';
import { address, cursor, letters, machine, panel, run, table } from '../state.ts';
import { claimClass } from './format.ts';

/** The layout is made once a run. */
const picture = computed(() => (run.value === null ? null : pictureOf(run.value.record.graph)));

/** Everything that the picture says about machines at the cursor. */
interface State {
  readonly off: ReadonlySet<string>;
  readonly claimants: readonly string[];
  /** Observer → machine or MAC that it believes to have the address. */
  readonly beliefs: ReadonlyMap<string, string>;
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** Machines and segments whose cable has no carrier: 'machine segment'. */
  readonly cut: ReadonlySet<string>;
  readonly partitions: ReadonlyMap<string, string>;
}

const state = computed((): State | null => {
  const index = run.value;
  if (index === null) return null;
  const { at } = cursor.value;
  const machines = index.table('machines', at).map(({ row }) => row);
  const claims = index.table('claims', at).filter(({ row }) => row.address === address.value);
  const beliefs = index
    .table('neighbors', at)
    .filter(({ row }) => row.address === address.value && row.mac !== null)
    .map(({ row }) => [row.machine, index.machineOf(row.mac ?? '') ?? row.mac ?? ''] as const);
  const cables = index.table('cables', at).filter(({ row }) => !row.carrier);
  const segments = index.table('segments', at);
  return {
    off: new Set(machines.filter(({ state: power }) => power === 'off').map(({ name }) => name)),
    claimants: [...new Set(claims.map(({ row }) => row.machine))],
    beliefs: new Map(beliefs),
    addresses: new Map(machines.map(({ addresses, name }) => [name, addresses])),
    cut: new Set(cables.map(({ row }) => `${row.from} ${row.to}`)),
    partitions: new Map(
      segments.flatMap(({ row }) =>
        row.partition === null
          ? []
          : [[row.name, row.partition.map((group) => group.join(' ')).join(' | ')] as const],
      ),
    ),
  };
});

/** The whole lab at the cursor. */
export function PictureView(): JSX.Element | null {
  const drawn = picture.value;
  const now = state.value;
  if (drawn === null || now === null) return null;
  const isConflict = now.claimants.length > 1;
  return (
    <section class="picture" aria-label="Picture" id="picture" tabIndex={-1}>
      <p class="sr">{spoken(now)}</p>
      <svg
        id="lab"
        viewBox={`0 0 ${drawn.width} ${drawn.height}`}
        role="group"
        aria-label="The lab as it stands"
      >
        {drawn.cables.map((cable) => (
          <CableLine key={`${cable.from} ${cable.to}`} cable={cable} now={now} />
        ))}
        <Travel cables={drawn.cables} />
        {drawn.buses.map((bus) => (
          <g key={bus.name}>
            <text class="bus-name" x={bus.x + 6} y={bus.y + 20}>
              {bus.name} <tspan class="muted">{bus.lines.join(' ')}</tspan>
              {now.partitions.has(bus.name) ? (
                <tspan class="bad"> split: {now.partitions.get(bus.name)}</tspan>
              ) : null}
            </text>
            <line
              class="bus"
              x1={bus.x}
              x2={bus.x + bus.width}
              y1={bus.y + BUS_OFFSET}
              y2={bus.y + BUS_OFFSET}
            />
          </g>
        ))}
        {drawn.tiles.map((tile) => (
          <TileView
            key={tile.name}
            tile={tile}
            now={now}
            isRival={isConflict && now.claimants.includes(tile.name)}
          />
        ))}
      </svg>
    </section>
  );
}

function CableLine({
  cable,
  now,
}: {
  readonly cable: DrawnCable;
  readonly now: State;
}): JSX.Element {
  const isCut = now.cut.has(`${cable.from} ${cable.to}`);
  const [first, second = first] = cable.points;
  return (
    <g>
      <path class={isCut ? 'cable cut' : 'cable'} d={pathOf(cable.points)} />
      {isCut && first !== undefined && second !== undefined ? (
        <text class="bad" x={(first.x + second.x) / 2 + 4} y={(first.y + second.y) / 2}>
          ✕
        </text>
      ) : null}
    </g>
  );
}

interface TileProps {
  readonly tile: Tile;
  readonly now: State;
  readonly isRival: boolean;
}

function TileView({ isRival, now, tile }: TileProps): JSX.Element {
  const { folded, height, kind, name, pods, width, x, y } = tile;
  const letter = letters.value.get(name);
  const isClaimant = now.claimants.includes(name);
  const isOff = now.off.has(name);
  const addresses = now.addresses.get(name) ?? [];
  const belief = now.beliefs.get(name);
  const words = tileWords(tile, now, isRival);
  const lineClass = isOff ? 'muted struck' : 'muted';
  const choose = (): void => {
    machine.value = machine.value === name ? null : name;
    panel.value = 'tables';
    table.value = table.value === 'objects' ? 'neighbors' : table.value;
  };
  return (
    <g
      role="button"
      tabindex={0}
      aria-pressed={machine.value === name}
      class={`tile${isRival ? ' rival' : ''}${isOff ? ' off' : ''}${machine.value === name ? ' picked' : ''}`}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        event.stopPropagation();
        choose();
      }}
    >
      <title>{words}</title>
      <rect class="tile-box" x={x} y={y} width={width} height={height} rx="5" />
      {isClaimant ? (
        <rect class={`tile-claim ${claimClass(letter)}`} x={x} y={y} width="8" height={height} />
      ) : null}
      <text class="tile-name" x={x + 14} y={y + (folded ? 15 : 18)}>
        {letter === undefined ? '' : `${letter} `}
        {shortened(name, folded ? 12 : 19)}
        {isRival ? <tspan class="bad"> !</tspan> : null}
        {isOff ? <tspan class="bad"> off</tspan> : null}
      </text>
      {folded ? null : (
        <>
          <text class={lineClass} x={x + 14} y={y + 35}>
            {addresses[0] ?? kind}
            {addresses.length > 1 ? ` +${addresses.length - 1}` : ''}
          </text>
          <text class={isRival ? 'bad' : 'muted'} x={x + 14} y={y + 52}>
            {isClaimant
              ? `has ${ending(address.value)}`
              : belief === undefined
                ? kind
                : `${ending(address.value)} is at ${shortened(belief, 14)}`}
          </text>
          {pods.map((pod, at) => (
            <g key={pod}>
              <rect
                class={now.off.has(pod) ? 'pod off' : 'pod'}
                x={x + 14}
                y={y + 58 + at * 18}
                width={width - 22}
                height="16"
                rx="3"
              />
              <text class="pod-name" x={x + 20} y={y + 70 + at * 18}>
                pod {shortened(pod, 20)}
              </text>
            </g>
          ))}
        </>
      )}
    </g>
  );
}

/** A dot on each cable that the frame at the cursor crosses. */
function Travel({ cables }: { readonly cables: readonly DrawnCable[] }): JSX.Element | null {
  const row = run.value?.record.frames[cursor.value.frame];
  if (row === undefined || row.at !== cursor.value.at) return null;
  const sender = row.from;
  const ends = row.to.filter(({ machine: name }) => name !== sender?.machine);
  const taken = ends.filter((end) => end.taken).map((end) => end.machine);
  const isDropped = row.drops.length > 0;
  const crossed = cables.filter(
    ({ from }) => from === sender?.machine || ends.some((end) => end.machine === from),
  );
  return (
    <g class={isDropped ? 'travel lost' : 'travel'} key={row.sequence}>
      {crossed.map(({ from, points, to }) => {
        const isOut = from === sender?.machine;
        const path = pathOf(isOut ? points : [...points].reverse());
        const isIgnored = !isOut && !taken.includes(from);
        return (
          <g key={`${from} ${to}`} class={isIgnored ? 'ignored' : ''}>
            <path class="crossed" d={path} />
            <circle class="dot" r="5">
              <animateMotion
                dur="0.25s"
                begin={isOut ? '0s' : '0.12s'}
                fill="freeze"
                {...{ path }}
              />
            </circle>
          </g>
        );
      })}
    </g>
  );
}

function pathOf(points: readonly Point[]): string {
  return `M${points.map(({ x, y }) => `${x} ${y}`).join('L')}`;
}

/** All that a tile shows, as a sentence. */
function tileWords({ kind, name, pods }: Tile, now: State, isRival: boolean): string {
  const parts = [`${kind} ${name}`, (now.addresses.get(name) ?? []).join(', ')];
  if (now.off.has(name)) parts.push('off');
  if (isRival) parts.push(`conflict: one of several that have ${address.value}`);
  else if (now.claimants.includes(name)) parts.push(`has ${address.value}`);
  const belief = now.beliefs.get(name);
  if (belief !== undefined) parts.push(`believes ${address.value} is at ${belief}`);
  if (pods.length > 0) parts.push(`pods ${pods.join(', ')}`);
  return parts.filter((part) => part !== '').join('; ');
}

function spoken({ claimants, off }: State): string {
  if (address.value === null) return 'No address is contested.';
  const who = claimants.length === 0 ? 'Nobody' : claimants.join(' and ');
  const without = off.size === 0 ? '' : ` Off: ${[...off].join(', ')}.`;
  return `${who} answers for ${address.value}.${without}`;
}

/** '.120': the part that differs. */
function ending(of: string | null): string {
  return of === null ? '' : `.${of.split('.').at(-1) ?? ''}`;
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
