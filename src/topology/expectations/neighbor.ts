// What a machine believes: `neighbor: db, address: 192.168.50.120, mac: worker02, state: REACHABLE`.

import { z } from 'zod';
import { ipv4, oneOrMore } from '../../schema/values.ts';
import type { NeighborStateName } from '../../stack/neighbor/state.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { resolveMac } from '../targets.ts';
import { defineExpectation, type ExpectationDefinition } from './definition.ts';
import type { ExpectationBase, MacReference } from './expectation.ts';

/** The states that can be expected: a lab has no NOARP entries, and NONE is never seen. */
type ExpectedState = Exclude<NeighborStateName, 'NONE' | 'NOARP'>;

/** `neighbor:` what a machine believes of an address. */
export interface NeighborExpectation extends ExpectationBase {
  readonly kind: 'neighbor';
  readonly machine: string;
  /** Null looks at every interface of the machine. */
  readonly interface: string | null;
  readonly address: Ipv4Address;
  /** True: there must be no entry; then mac and states are empty. */
  readonly absent: boolean;
  readonly mac: MacReference | null;
  /** Any of these; empty is not checked. */
  readonly states: readonly ExpectedState[];
}

const state: z.ZodType<ExpectedState> = z.enum([
  'INCOMPLETE',
  'REACHABLE',
  'STALE',
  'DELAY',
  'PROBE',
  'FAILED',
  'PERMANENT',
]);

/** `neighbor:` as a scenario writes it. */
export const neighbor: ExpectationDefinition<NeighborExpectation> = defineExpectation(
  'neighbor',
  z
    .strictObject({
      neighbor: z
        .string({ error: 'expected the name of a host, node or pod' })
        .describe('Whose ARP table: "db" or "db/eth0"'),
      address: ipv4.describe('The entry'),
      mac: z
        .string({ error: 'expected a MAC address or the machine that has it' })
        .exactOptional()
        .describe(
          'A MAC address, or the machine or interface that has it: "worker02", "worker02/enp1s0"',
        ),
      state: oneOrMore(state).exactOptional().describe('Any of these'),
      absent: z
        .boolean({ error: 'expected true or false' })
        .exactOptional()
        .describe('true: there is no entry'),
    })
    .meta({ id: 'neighborExpectation', description: "What a machine's ARP entry says" }),
  (context, raw, base, path) => {
    const slash = raw.neighbor.indexOf('/');
    const machine = slash < 0 ? raw.neighbor : raw.neighbor.slice(0, slash);
    const at = [...path, 'neighbor'];
    if (!context.known(machine, at, 'host', 'node', 'pod')) return null;
    const isPod = context.declared.has('pod', machine);
    if (slash >= 0 && !isPod && context.interface(raw.neighbor, at) === null) return null;
    const absent = raw.absent ?? false;
    if (absent && (raw.mac !== undefined || raw.state !== undefined)) {
      context.report(
        path,
        'an entry that is absent has no mac and no state',
        'keep "absent" alone',
      );
      return null;
    }
    const mac = raw.mac === undefined ? null : resolveMac(context, raw.mac, [...path, 'mac']);
    return {
      ...base,
      kind: 'neighbor',
      machine,
      interface: slash < 0 ? null : raw.neighbor.slice(slash + 1),
      address: raw.address,
      absent,
      mac,
      states: raw.state ?? [],
    };
  },
);
