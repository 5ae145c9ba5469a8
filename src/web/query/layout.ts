// Where things stand in the picture. dagre places segments, machines on several segments and the cables between;
// what hangs on one segment alone is packed under its bus as tiles.

import { Graph, layout } from '@dagrejs/dagre';
import type { GraphNode, TopologyGraph } from '../../view/graph.ts';

/** A rectangle in units of the picture. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A machine with the pods on it. */
export interface Tile extends Box {
  readonly name: string;
  readonly kind: GraphNode['kind'];
  readonly pods: readonly string[];
  /** Only the name is shown: there are many. */
  readonly folded: boolean;
}

/** A segment: its bus is the upper edge of the box, its tiles hang below. */
export interface Bus extends Box {
  readonly name: string;
  readonly lines: readonly string[];
}

/** A cable between a machine and a bus, or between two buses. */
export interface DrawnCable {
  /** Machine or segment. */
  readonly from: string;
  readonly to: string;
  /** From the machine on; cables to what stands lower run between the tiles. */
  readonly points: readonly Point[];
}

/** A place in the picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** All of it. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly buses: readonly Bus[];
  readonly tiles: readonly Tile[];
  readonly cables: readonly DrawnCable[];
}

const FULL = { width: 168, height: 62 };
const FOLDED = { width: 92, height: 22 };
/** A segment with more machines than this shows their names only. */
const FULL_LIMIT = 12;
const POD_HEIGHT = 18;
const GAP = 14;
const HEAD = 34;
const MARGIN = 12;

/** Places everything; pure, and the same for the same graph. */
export function pictureOf(graph: TopologyGraph): Picture {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const nameOf = (id: string): string => nodes.get(id)?.lines[0] ?? id;
  const isSegment = (id: string): boolean => nodes.get(id)?.kind === 'segment';
  const neighbors = new Map<string, Set<string>>();
  const pods = new Map<string, string[]>();
  const plain = graph.edges.filter(({ from, to }) => {
    if (nodes.get(to)?.kind !== 'pod') return true;
    pods.set(from, [...(pods.get(from) ?? []), nameOf(to)]);
    return false;
  });
  for (const { from, to } of plain) {
    for (const [a, b] of [
      [from, to],
      [to, from],
    ] as const) {
      neighbors.set(a, (neighbors.get(a) ?? new Set()).add(b));
    }
  }
  const machines = graph.nodes.filter(({ kind }) => kind !== 'segment' && kind !== 'pod');
  const homeOf = (id: string): string | null => {
    const [only, ...more] = neighbors.get(id) ?? [];
    return only !== undefined && more.length === 0 && isSegment(only) ? only : null;
  };
  const sizeOf = (id: string, folded: boolean): { width: number; height: number } =>
    folded
      ? FOLDED
      : { width: FULL.width, height: FULL.height + (pods.get(id)?.length ?? 0) * POD_HEIGHT };

  const skeleton = new Graph();
  skeleton.setGraph({ rankdir: 'TB', nodesep: 30, ranksep: 36, marginx: MARGIN, marginy: MARGIN });
  skeleton.setDefaultEdgeLabel(() => ({}));
  const packed = new Map<string, Packing>();
  for (const { id } of graph.nodes.filter(({ kind }) => kind === 'segment')) {
    const tiles = machines.filter((machine) => homeOf(machine.id) === id);
    const folded = tiles.length > FULL_LIMIT;
    const packing = pack(tiles.map((tile) => ({ id: tile.id, ...sizeOf(tile.id, folded) })));
    packed.set(id, { ...packing, folded });
    skeleton.setNode(id, { width: packing.width, height: packing.height });
  }
  for (const { id } of machines) {
    if (homeOf(id) === null) skeleton.setNode(id, sizeOf(id, false));
  }
  for (const { from, to } of plain) {
    if (skeleton.hasNode(from) && skeleton.hasNode(to)) skeleton.setEdge(to, from);
  }
  layout(skeleton);

  const buses: Bus[] = [];
  const tiles: Tile[] = [];
  for (const node of graph.nodes) {
    if (!skeleton.hasNode(node.id)) continue;
    const { x, y, width, height } = skeleton.node(node.id) as Box;
    const box = { x: x - width / 2, y: y - height / 2, width, height };
    if (node.kind === 'segment') {
      buses.push({ ...box, name: nameOf(node.id), lines: node.lines.slice(1) });
      const packing = packed.get(node.id);
      for (const place of packing?.places ?? []) {
        tiles.push({
          ...tileOf(place.id),
          x: box.x + place.x,
          y: box.y + place.y,
          width: place.width,
          height: place.height,
          folded: packing?.folded ?? false,
        });
      }
    } else {
      tiles.push({ ...tileOf(node.id), ...box, folded: false });
    }
  }
  const { width = 0, height = 0 } = skeleton.graph() as { width?: number; height?: number };
  return { width, height, buses, tiles, cables: cablesOf(plain.map(named), buses, tiles) };

  function tileOf(id: string): { name: string; kind: GraphNode['kind']; pods: string[] } {
    return { name: nameOf(id), kind: nodes.get(id)?.kind ?? 'host', pods: pods.get(id) ?? [] };
  }

  function named({ from, to }: { from: string; to: string }): { from: string; to: string } {
    return { from: nameOf(from), to: nameOf(to) };
  }
}

interface Place extends Box {
  readonly id: string;
}

interface Packing {
  readonly width: number;
  readonly height: number;
  readonly places: readonly Place[];
  readonly folded: boolean;
}

/** Rows of tiles below a bus. */
function pack(
  sizes: readonly { id: string; width: number; height: number }[],
): Omit<Packing, 'folded'> {
  const columns = Math.max(1, Math.min(sizes.length, Math.ceil(Math.sqrt(sizes.length * 1.4))));
  const places: Place[] = [];
  let y = HEAD + GAP;
  let width = 220;
  for (let first = 0; first < sizes.length; first += columns) {
    const row = sizes.slice(first, first + columns);
    let x = GAP;
    for (const size of row) {
      places.push({ ...size, x, y });
      x += size.width + GAP;
    }
    width = Math.max(width, x);
    y += Math.max(...row.map(({ height }) => height)) + GAP;
  }
  return { width, height: y, places };
}

function cablesOf(
  edges: readonly { readonly from: string; readonly to: string }[],
  buses: readonly Bus[],
  tiles: readonly Tile[],
): DrawnCable[] {
  return edges.flatMap(({ from, to }) => {
    const start = tiles.find(({ name }) => name === from) ?? busEnd(from, buses);
    const bus = buses.find(({ name }) => name === to);
    if (start === undefined) return [];
    if (bus !== undefined) return [{ from, to, points: toBus(start, bus, tiles) }];
    const end = tiles.find(({ name }) => name === to);
    return end === undefined ? [] : [{ from, to, points: [center(start), center(end)] }];
  });
}

/** A bus as something that a cable begins at. */
function busEnd(name: string, buses: readonly Bus[]): Box | undefined {
  const bus = buses.find((each) => each.name === name);
  return bus === undefined ? undefined : { ...bus, y: bus.y + HEAD, height: 0 };
}

/** Straight from above and from the first row of tiles; else up through a gap between tiles. */
function toBus(start: Box, bus: Bus, tiles: readonly Tile[]): Point[] {
  const middle = start.x + start.width / 2;
  const y = bus.y + HEAD;
  const right = bus.x + bus.width - GAP;
  const clamped = Math.min(Math.max(middle, bus.x + GAP), right);
  if (start.y <= y)
    return [
      { x: middle, y: start.y + start.height },
      { x: clamped, y },
    ];
  const isBetween = (tile: Tile): boolean =>
    tile.y > y &&
    tile.y + tile.height <= start.y &&
    tile.x <= clamped &&
    clamped <= tile.x + tile.width;
  if (!tiles.some(isBetween))
    return [
      { x: middle, y: start.y },
      { x: clamped, y },
    ];
  const gaps = tiles
    .filter((tile) => tile.y > y && tile.y < bus.y + bus.height)
    .filter((tile) => tile.x >= bus.x && tile.x <= right)
    .map((tile) => tile.x - GAP / 2);
  const x = [...gaps, right + GAP / 2].reduce((best, gap) =>
    Math.abs(gap - middle) < Math.abs(best - middle) ? gap : best,
  );
  // A tile of the segment itself is met from its side, a machine below it from above.
  const isInside = start.y < bus.y + bus.height;
  return isInside
    ? [
        { x: start.x, y: start.y + GAP },
        { x: start.x - GAP / 2, y: start.y + GAP },
        { x: start.x - GAP / 2, y },
      ]
    : [
        { x: middle, y: start.y },
        { x, y: bus.y + bus.height },
        { x, y },
      ];
}

function center({ x, y, width, height }: Box): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

/** How far below the upper edge of its box a bus runs. */
export const BUS_OFFSET: number = HEAD;
