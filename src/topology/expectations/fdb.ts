// Where a switch believes a MAC to be: `fdb: lan, mac: worker02, behind: worker02`.

import { z } from 'zod';
import { resolveMac } from '../targets.ts';
import { defineExpectation, type ExpectationDefinition } from './definition.ts';
import type { ExpectationBase, MacReference } from './expectation.ts';

/** `fdb:` behind which port a switch has learned a MAC address. */
export interface FdbExpectation extends ExpectationBase {
  readonly kind: 'fdb';
  readonly segment: string;
  readonly mac: MacReference;
  /** The machine, or the other segment of a link, at the other end of that port's cable; null: no entry. */
  readonly behind: string | null;
}

const NOWHERE = 'nowhere';

/** `fdb:` as a scenario writes it. */
export const fdb: ExpectationDefinition<FdbExpectation> = defineExpectation(
  'fdb',
  z
    .strictObject({
      fdb: z.string({ error: 'expected the name of a segment' }).describe("Which segment's switch"),
      mac: z
        .string({ error: 'expected a MAC address or the machine that has it' })
        .describe(
          'A MAC address, or the machine or interface that has it: "worker02", "worker02/enp1s0"',
        ),
      behind: z
        .string({ error: 'expected the name of a host, node or segment' })
        .describe('The machine (or segment) on the port where the switch sends it, or "nowhere"'),
    })
    .meta({ id: 'fdbExpectation', description: 'Where a switch has learned a MAC address' }),
  (context, raw, base, path) => {
    const segmentKnown = context.known(raw.fdb, [...path, 'fdb'], 'segment');
    const mac = resolveMac(context, raw.mac, [...path, 'mac']);
    const behind = raw.behind === NOWHERE ? null : raw.behind;
    const behindKnown =
      behind === null || context.known(behind, [...path, 'behind'], 'host', 'node', 'segment');
    if (!segmentKnown || mac === null || !behindKnown) return null;
    return { ...base, kind: 'fdb', segment: raw.fdb, mac, behind };
  },
);
