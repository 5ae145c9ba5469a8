// The measured fixtures (test/fixtures/groundtruth/*.expect.json) in the notation of lan.ts: the ARP
// frames of a case as text, and the states a neighbor entry went through. Hosts of a test that bear
// the names of the roles can then be compared with the kernel directly.

import { readFileSync } from 'node:fs';
import type { Nanos } from '../../src/sim/time.ts';
import type { NetworkStack } from '../../src/stack/stack.ts';
import type { Lan } from './lan.ts';

interface ArpEvent {
  readonly kind: 'arp';
  readonly t: number;
  readonly at: string;
  readonly l2src: string;
  readonly l2dst: string;
  readonly op: 'request' | 'reply';
  readonly sha: string;
  readonly spa: string;
  readonly tha: string;
  readonly tpa: string;
}

interface NeighborHistory {
  readonly host: string;
  readonly ip: string;
  readonly before: { readonly state: string; readonly lladdr?: string | null } | null;
  readonly timeline: readonly {
    readonly t: number;
    readonly state: string;
    readonly lladdr?: string | null;
  }[];
}

interface Case {
  readonly id: string;
  readonly tTolerance: number;
  readonly events: readonly (ArpEvent | { readonly kind: 'other' })[];
  readonly neigh?: readonly NeighborHistory[];
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly measured?: Readonly<Record<string, { readonly min?: number; readonly max?: number }>>;
}

interface Fixture {
  readonly roles: {
    readonly mac: Readonly<Record<string, string>>;
    readonly ip: Readonly<Record<string, string>>;
  };
  readonly cases: readonly Case[];
}

/** One state of an entry: seconds since the case began, and 'STALE:B' or 'FAILED'. */
export interface StateChange {
  readonly t: number;
  readonly state: string;
}

const FOLDER = new URL('../fixtures/groundtruth/', import.meta.url);
/** The kernel's monitor polled every 20 ms: an INCOMPLETE that was answered is not in the fixtures. */
const INVISIBLE_SECONDS = 0.001;

export class TruthCase {
  readonly #roles: Fixture['roles'];
  readonly #case: Case;

  constructor(roles: Fixture['roles'], found: Case) {
    this.#roles = roles;
    this.#case = found;
  }

  get tolerance(): number {
    return this.#case.tTolerance;
  }

  /** A deterministic result of the kernel. @throws when the case has none of that name */
  fact(name: string): unknown {
    const value = this.#case.facts?.[name];
    if (value === undefined) throw new Error(`${this.#case.id} has no fact ${name}`);
    return value;
  }

  /** The accepted range of a measured number. */
  range(name: string): { readonly min: number; readonly max: number } {
    const { min, max } = this.#case.measured?.[name] ?? {};
    if (min === undefined || max === undefined) {
      throw new Error(`${this.#case.id} has no range for ${name}`);
    }
    return { min, max };
  }

  /** The ARP frames on the wire, as Lan.arps prints them. */
  arps(): string[] {
    return this.#arpEvents().map((event) => {
      const { l2src, l2dst, op, sha, tha } = event;
      const spa = this.#address(event.spa);
      const tpa = this.#address(event.tpa);
      const line =
        op === 'request'
          ? `who-has ${tpa} tell ${spa}${tha === 'ZERO' ? '' : ` tha=${tha}`}`
          : `${spa} is-at ${sha} to ${tpa}${tha === l2dst ? '' : ` tha=${tha}`}`;
      return `${l2src} > ${l2dst} ${line}`;
    });
  }

  arpTimes(): number[] {
    return this.#arpEvents().map(({ t }) => t);
  }

  /** What the entry of a host for the address of a role went through. */
  states(host: string, role: string): StateChange[] {
    const history = this.#case.neigh?.find((entry) => entry.host === host && entry.ip === role);
    return (history?.timeline ?? []).map(({ t, state, lladdr }) => ({
      t,
      state: typeof lladdr === 'string' ? `${state}:${lladdr}` : state,
    }));
  }

  #arpEvents(): ArpEvent[] {
    return this.#case.events.filter(
      (event): event is ArpEvent => event.kind === 'arp' && event.at === 'wire',
    );
  }

  #address(role: string): string {
    if (role === 'ZERO') return '0.0.0.0';
    return this.#roles.ip[role] ?? role;
  }
}

/** One case of a fixture: truth('01a-arp-resolution', 'first-ping'). @throws when there is none */
export function truth(name: string, id: string): TruthCase {
  const text = readFileSync(new URL(`${name}.expect.json`, FOLDER), 'utf8');
  const fixture: Fixture = JSON.parse(text);
  const found = fixture.cases.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`${name} has no case ${id}`);
  return new TruthCase(fixture.roles, found);
}

/** What an entry in the lab went through, as far as the kernel's monitor would have seen it. */
export function seenStates(
  lan: Lan,
  stack: NetworkStack,
  address: string,
  since: Nanos = 0,
): StateChange[] {
  const all = lan.history(stack, address, since);
  return all.filter(({ t, state }, index) => {
    const next = all[index + 1];
    return state !== 'INCOMPLETE' || next === undefined || next.t - t > INVISIBLE_SECONDS;
  });
}
