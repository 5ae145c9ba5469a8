// The conformance vectors (test/fixtures/egressip.json) as types, and the file read once.

import { readFileSync } from 'node:fs';
import type { ProfileName } from '../../../../src/fabric/openshift-sdn/control/profile.ts';

export interface VectorOutcomeVia {
  readonly via: readonly { readonly egressIP: string; readonly nodeIP: string }[];
}
export type VectorOutcome = 'normal' | 'dropped' | VectorOutcomeVia;

export interface AllocationExpectation {
  readonly exact?: Readonly<Record<string, readonly string[]>>;
  readonly oneOf?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly count?: Readonly<Record<string, number>>;
  readonly countMin?: Readonly<Record<string, number>>;
  readonly countMax?: Readonly<Record<string, number>>;
  readonly total?: { readonly eq?: number; readonly max?: number };
  readonly keysAbsent?: readonly string[];
  readonly assignedAll?: readonly string[];
  readonly assignedNone?: readonly string[];
  readonly assignedAny?: readonly (readonly string[])[];
  readonly notAllOf?: readonly (readonly string[])[];
  readonly onNode?: Readonly<Record<string, readonly string[]>>;
  readonly notOnNode?: Readonly<Record<string, readonly string[]>>;
}

export interface StepExpectation {
  readonly partial?: boolean;
  readonly claims?: readonly Readonly<Record<string, string | number | boolean>>[];
  readonly releases?: readonly Readonly<Record<string, string>>[];
  readonly namespaceCalls?: readonly { readonly vnid: number; readonly outcome: VectorOutcome }[];
  readonly namespaces?: Readonly<Record<string, VectorOutcome>>;
  readonly egressCIDRUpdates?: number | { readonly min: number };
  readonly errors?: readonly string[];
  readonly allocation?: AllocationExpectation;
  readonly valid?: boolean;
  readonly errorText?: string;
}

export interface VectorStep {
  readonly do: string;
  readonly name?: string;
  readonly host?: string;
  readonly hostIP?: string;
  readonly subnet?: string;
  readonly egressIPs?: readonly string[] | { readonly fromLastAllocation: string };
  readonly egressCIDRs?: readonly string[];
  readonly netid?: number;
  readonly nodeIP?: string;
  readonly offline?: boolean;
  readonly via?: 'watchEvent';
  readonly bind?: Readonly<
    Record<string, { readonly nodeIPHosting?: string; readonly ipOnNode?: string }>
  >;
  readonly expect?: StepExpectation;
}

export interface TrackerVector {
  readonly name: string;
  readonly profiles: readonly ProfileName[];
  readonly nodes?: Readonly<
    Record<string, { readonly annotation: Readonly<Record<string, unknown>> }>
  >;
  readonly steps: readonly VectorStep[];
}

export interface NodeStep extends Omit<VectorStep, 'expect'> {
  readonly expect: {
    readonly netlink: { readonly claim: readonly string[]; readonly release: readonly string[] };
    readonly namespaces: Readonly<
      Record<string, 'dropped' | readonly Readonly<Record<string, string>>[]>
    >;
    readonly errors?: readonly string[];
  };
}

export interface NodeVector {
  readonly name: string;
  readonly profiles: readonly ProfileName[];
  readonly localIP: string;
  readonly masqueradeBit: number;
  readonly tunMAC: string;
  readonly steps: readonly NodeStep[];
}

export interface MonitorUpdate {
  readonly nodeIP: string;
  readonly offline: boolean;
}

export interface TimelineEntry {
  /** Seconds, or a window in words: 'next check (0..5 s)'. */
  readonly t: number | string;
  /** 'V2 I: Node <nodeIP> may be offline... retrying' */
  readonly log?: string | null;
  readonly setNodeOffline?: boolean;
  readonly retries?: number;
}

export interface HealthVector {
  readonly name: string;
  readonly profiles: readonly ProfileName[];
  readonly timeline?: readonly TimelineEntry[];
  readonly then?: { readonly timeline: readonly TimelineEntry[] };
  readonly pings?: readonly ('ok' | 'timeout')[];
  readonly retriesAfter?: readonly number[];
  readonly offlineAfter?: readonly boolean[];
}

export interface VectorFile {
  readonly vectors: readonly TrackerVector[];
  readonly nodeVectors: readonly NodeVector[];
  readonly markVectors: readonly {
    readonly name: string;
    readonly vnid: number;
    readonly masqueradeBit: number;
    readonly mark: string;
    readonly profiles: readonly ProfileName[];
  }[];
  readonly vxlanMonitorVectors: readonly {
    readonly name: string;
    readonly steps: readonly {
      readonly do: string;
      readonly nodeIP?: string;
      readonly retryOnly?: boolean;
      readonly expect?: { readonly retry?: boolean; readonly updates?: readonly MonitorUpdate[] };
    }[];
  }[];
  readonly healthMonitorVectors: readonly HealthVector[];
  readonly validationVectors: readonly {
    readonly name: string;
    readonly valid: boolean;
    readonly error?: string;
    readonly hostSubnet: {
      readonly host: string;
      readonly hostIP: string;
      readonly subnet: string;
      readonly egressIPs?: readonly string[];
      readonly egressCIDRs?: readonly string[];
      readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> };
    };
  }[];
}

/** The file, parsed. */
export const vectorFile: VectorFile = JSON.parse(
  readFileSync(new URL('../../../fixtures/egressip.json', import.meta.url), 'utf8'),
);
