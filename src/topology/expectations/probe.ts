// What an earlier `arping` or `ping` step found.

import { z } from 'zod';
import { oneOrMore } from '../../schema/values.ts';
import { resolveMac } from '../targets.ts';
import { countComparison, defineExpectation, type ExpectationDefinition } from './definition.ts';
import type { Comparisons, ExpectationBase, MacReference } from './expectation.ts';

/** duplicate/free answer -D; answered/unanswered the others. */
export type ArpingVerdict = 'duplicate' | 'free' | 'answered' | 'unanswered';

/** `arping:` how many answers the last one of a machine had. */
export interface ArpingExpectation extends ExpectationBase {
  readonly kind: 'arping';
  /** The step's name. */
  readonly arping: string;
  readonly verdict: ArpingVerdict | null;
  /** Every MAC that answered, in any order; null is not checked. */
  readonly answeredBy: readonly MacReference[] | null;
}

/** `ping:` how many answers the last one of a machine had. */
export interface PingExpectation extends ExpectationBase {
  readonly kind: 'ping';
  /** The step's name. */
  readonly ping: string;
  readonly sent: Comparisons | null;
  readonly answered: Comparisons | null;
  readonly lost: Comparisons | null;
}

const verdict: z.ZodType<ArpingVerdict> = z.enum(['duplicate', 'free', 'answered', 'unanswered']);

/** `arping:` as a scenario writes it. */
export const arping: ExpectationDefinition<ArpingExpectation> = defineExpectation(
  'arping',
  z
    .strictObject({
      arping: z.string({ error: 'expected the name of an arping step' }),
      verdict: verdict
        .exactOptional()
        .describe('duplicate or free for -D, else answered or unanswered'),
      answeredBy: oneOrMore(
        z.string({ error: 'expected a MAC address or the machine that has it' }),
      )
        .exactOptional()
        .describe('Exactly these answered: MAC addresses, or the machines that have them'),
    })
    .meta({ id: 'arpingExpectation', description: 'What an earlier arping found' }),
  (context, raw, base, path) => {
    if (!context.arpings.has(raw.arping)) {
      context.unknown('earlier arping', raw.arping, [...context.arpings], [...path, 'arping']);
      return null;
    }
    const at = [...path, 'answeredBy'];
    const list = context.isList(at);
    const answeredBy = raw.answeredBy?.flatMap(
      (text, index) => resolveMac(context, text, list ? [...at, index] : at) ?? [],
    );
    if (raw.verdict === undefined && answeredBy === undefined) {
      context.reportMissing(
        path,
        'this expectation checks nothing',
        'add "verdict" or "answeredBy"',
        'value',
      );
    }
    return {
      ...base,
      kind: 'arping',
      arping: raw.arping,
      verdict: raw.verdict ?? null,
      answeredBy: answeredBy ?? null,
    };
  },
);

/** `ping:` as a scenario writes it. */
export const ping: ExpectationDefinition<PingExpectation> = defineExpectation(
  'ping',
  z
    .strictObject({
      ping: z.string({ error: 'expected the name of a ping step' }),
      sent: countComparison.exactOptional(),
      answered: countComparison.exactOptional(),
      lost: countComparison.exactOptional(),
    })
    .meta({ id: 'pingExpectation', description: 'What an earlier ping found' }),
  (context, raw, base, path) => {
    const { ping: name, sent, answered, lost } = raw;
    if (!context.pings.has(name)) {
      context.unknown('earlier ping', name, [...context.pings], [...path, 'ping']);
      return null;
    }
    if (sent === undefined && answered === undefined && lost === undefined) {
      context.reportMissing(
        path,
        'this expectation checks nothing',
        'add "sent", "answered" or "lost"',
        'value',
      );
    }
    return {
      ...base,
      kind: 'ping',
      ping: name,
      sent: sent ?? null,
      answered: answered ?? null,
      lost: lost ?? null,
    };
  },
);
