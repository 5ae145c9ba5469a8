// How a flow asks its question, by protocol. A requester knows sockets and nothing of statistics.

import type { NetworkStack } from '../../stack/stack.ts';
import type { FlowSpec } from '../../topology/model.ts';
import type { ConnectionLog } from './connections.ts';

/** Told what became of a request; each id at most once counts, later calls are ignored. */
export interface RequestOutcome {
  answered(id: number): void;
  /** `why` is an errno name ('ECONNREFUSED'), or null when there was no error. */
  failed(id: number, why: string | null): void;
}

/** Asks in the way of one protocol; what becomes of each request goes to a `RequestOutcome`. */
export interface Requester {
  /** Sends request number `id`. */
  request(id: number): void;
  /** The request timed out: what is kept for it may be dropped. */
  giveUp(id: number): void;
  /** The flow has ended. */
  close(): void;
}

/** What every requester needs. */
export interface RequesterContext {
  readonly stack: NetworkStack;
  readonly spec: FlowSpec;
  /** The payload of a request. */
  readonly payload: (id: number) => Uint8Array;
  readonly outcome: RequestOutcome;
  /** Where a requester that keeps a connection says when it has one. */
  readonly connections: Pick<ConnectionLog, 'opened' | 'ended'>;
}
