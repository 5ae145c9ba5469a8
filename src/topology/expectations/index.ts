// Every kind of expectation, one line each.

import type {
  HostSubnetExpectation,
  NetNamespaceExpectation,
  NodeExpectation,
} from './cluster-objects.ts';
import type { FdbExpectation } from './fdb.ts';
import type { FlowExpectation } from './flow.ts';
import type { FrameExpectation } from './frame.ts';
import type { HoldersExpectation } from './holders.ts';
import type { LogExpectation } from './log.ts';
import type { NeighborExpectation } from './neighbor.ts';
import type { ArpingExpectation, PingExpectation } from './probe.ts';

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
  | PingExpectation;
