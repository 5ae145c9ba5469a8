// How a flow fared: `flow: web-to-db, source: 192.168.50.120, longestOutage: "<25s"`.

import { z } from 'zod';
import { ipv4 } from '../../schema/values.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { normalizeWindow } from '../targets.ts';
import {
  countComparison,
  defineExpectation,
  durationComparison,
  type ExpectationDefinition,
  ratioComparison,
  windowShape,
} from './definition.ts';
import type { Comparisons, ExpectationBase, Window } from './expectation.ts';

/** What is null is not checked. Only requests sent within `window` count. */
export interface FlowExpectation extends ExpectationBase {
  readonly kind: 'flow';
  readonly flow: string;
  readonly window: Window | null;
  readonly sent: Comparisons | null;
  readonly answered: Comparisons | null;
  readonly lost: Comparisons | null;
  /** lost / sent, 0..1. */
  readonly loss: Comparisons | null;
  readonly longestOutage: Comparisons | null;
  /** The source of the latest request that the server saw. */
  readonly source: Ipv4Address | null;
  /** Exactly the sources that the server saw, in any order. */
  readonly sources: readonly Ipv4Address[] | null;
  /** Whether the latest request that was answered or given up was answered. */
  readonly answering: boolean | null;
}

/** `flow:` as a scenario writes it. */
export const flow: ExpectationDefinition<FlowExpectation> = defineExpectation(
  'flow',
  z
    .strictObject({
      flow: z.string({ error: 'expected the name of a flow' }),
      sent: countComparison.exactOptional(),
      answered: countComparison.exactOptional(),
      lost: countComparison.exactOptional(),
      loss: ratioComparison.exactOptional().describe('lost / sent'),
      longestOutage: durationComparison.exactOptional(),
      source: ipv4.exactOptional().describe('The source of the latest request that the server saw'),
      sources: z.array(ipv4).exactOptional().describe('Exactly the sources that the server saw'),
      answering: z
        .boolean({ error: 'expected true or false' })
        .exactOptional()
        .describe('Whether the latest request with an outcome was answered'),
      ...windowShape,
    })
    .meta({ id: 'flowExpectation', description: 'How a flow did so far' }),
  (context, raw, base, path, at) => {
    const { flow: name, between: _between, since: _since, ...checked } = raw;
    if (!context.known(name, [...path, 'flow'], 'flow')) return null;
    if (Object.keys(checked).length === 0) {
      const keys = 'answered, lost, longestOutage, source, ...';
      context.reportMissing(path, 'this expectation checks nothing', `add one of ${keys}`, 'value');
    }
    const { sent, answered, lost, loss, longestOutage, source, sources, answering } = checked;
    return {
      ...base,
      kind: 'flow',
      flow: name,
      window: normalizeWindow(context, raw, at, path),
      sent: sent ?? null,
      answered: answered ?? null,
      lost: lost ?? null,
      loss: loss ?? null,
      longestOutage: longestOutage ?? null,
      source: source ?? null,
      sources: sources ?? null,
      answering: answering ?? null,
    };
  },
);
