// Who has an address on an interface right now: `address: 192.168.50.120, heldBy: worker02`.

import { z } from 'zod';
import { ipv4, oneOrMore } from '../../schema/values.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { defineExpectation, type ExpectationDefinition } from './definition.ts';
import type { ExpectationBase } from './expectation.ts';

/** `address:` with `heldBy:`: which machines answer for an address. */
export interface HoldersExpectation extends ExpectationBase {
  readonly kind: 'holders';
  readonly address: Ipv4Address;
  /** Exactly these machines, in any order; empty when no machine may hold it. A machine that is off holds nothing. */
  readonly machines: readonly string[];
}

const NOBODY = 'nobody';

/** `address:` as a scenario writes it. */
export const holders: ExpectationDefinition<HoldersExpectation> = defineExpectation(
  'heldBy',
  z
    .strictObject({
      address: ipv4,
      heldBy: oneOrMore(z.string({ error: 'expected the name of a host or node' })).describe(
        'Exactly these hosts and nodes have the address, or "nobody"',
      ),
    })
    .meta({ id: 'holdersExpectation', description: 'Who has an address on an interface' }),
  (context, raw, base, path) => {
    const at = [...path, 'heldBy'];
    const nobody = raw.heldBy.length === 1 && raw.heldBy[0] === NOBODY;
    const machines = nobody ? [] : raw.heldBy;
    const list = context.isList(at);
    const known = machines.map((machine, index) =>
      context.known(machine, list ? [...at, index] : at, 'host', 'node', 'pod'),
    );
    if (known.includes(false)) return null;
    return { ...base, kind: 'holders', address: raw.address, machines };
  },
);
