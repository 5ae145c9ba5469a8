// What the API objects say: `hostsubnet:`, `netnamespace:`, `node:`.

import type { ExpectationBase } from './expectation.ts';

/** Lists are compared in order; null is not checked. */
export interface HostSubnetExpectation extends ExpectationBase {
  readonly kind: 'hostsubnet';
  readonly node: string;
  readonly egressIps: readonly string[] | null;
  readonly egressCidrs: readonly string[] | null;
}

export interface NetNamespaceExpectation extends ExpectationBase {
  readonly kind: 'netnamespace';
  readonly namespace: string;
  readonly netid: number | null;
  readonly egressIps: readonly string[] | null;
}

export interface NodeExpectation extends ExpectationBase {
  readonly kind: 'node';
  readonly node: string;
  readonly ready: boolean;
}
