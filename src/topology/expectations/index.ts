// Every kind of expectation, one line each.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Context } from '../context.ts';
import {
  type HostSubnetExpectation,
  hostSubnet,
  type NetNamespaceExpectation,
  type NodeExpectation,
  netNamespace,
  node,
} from './cluster-objects.ts';
import type { ExpectationDefinition } from './definition.ts';
import { type FdbExpectation, fdb } from './fdb.ts';
import { type FlowExpectation, flow } from './flow.ts';
import { type FrameExpectation, frame } from './frame.ts';
import { type HoldersExpectation, holders } from './holders.ts';
import { type LogExpectation, log } from './log.ts';
import { type NeighborExpectation, neighbor } from './neighbor.ts';
import { type OcExpectation, oc } from './oc.ts';
import { type ArpingExpectation, arping, type PingExpectation, ping } from './probe.ts';

export type Expectation =
  | ArpingExpectation
  | FdbExpectation
  | FlowExpectation
  | FrameExpectation
  | HoldersExpectation
  | HostSubnetExpectation
  | LogExpectation
  | NeighborExpectation
  | NetNamespaceExpectation
  | NodeExpectation
  | OcExpectation
  | PingExpectation;

const DEFINITIONS: readonly ExpectationDefinition[] = [
  hostSubnet,
  netNamespace,
  node,
  holders,
  neighbor,
  flow,
  frame,
  log,
  oc,
  arping,
  ping,
  fdb,
];

/** What every expectation is before it is known which one. */
export interface RawExpectation {
  readonly [key: string]: unknown;
}

export const expectationSchema: z.ZodType<RawExpectation> = z
  .union(DEFINITIONS.map(({ schema }) => schema as z.ZodType<RawExpectation>))
  .meta({ id: 'expectation' });

/** `at` is when it is checked. Null when something was wrong, and reported. */
export function normalizeExpectation(
  context: Context,
  raw: RawExpectation,
  at: Nanos,
  path: Path,
): Expectation | null {
  const definition = DEFINITIONS.find(({ keyword }) => Object.hasOwn(raw, keyword));
  if (definition === undefined) return null;
  const base = { position: context.position(path), text: context.text(path) };
  return definition.normalize(context, raw, base, path, at);
}
