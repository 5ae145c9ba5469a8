// `ping: db, from: gateway, count: 3`: a few echo requests, each counted as answered or lost.

import { z } from 'zod';
import { integer, ipv4, name, positiveDuration } from '../../schema/values.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { resolveAddress } from '../targets.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { StepBase } from './step.ts';

/** Sends echo requests from a machine. */
export interface PingStep extends StepBase {
  readonly kind: 'ping';
  /** What expectations call it: as given, or 'ping-1' by order. */
  readonly name: string;
  /** A pod, host or node. */
  readonly from: string;
  readonly source: Ipv4Address | null;
  readonly to: Ipv4Address;
  /** The machine that was named; null when it was an address. */
  readonly toName: string | null;
  readonly count: number;
  readonly interval: Nanos;
  /** Payload octets. */
  readonly size: number;
  readonly timeout: Nanos;
}

/** `ping:` as a scenario writes it. */
export const ping: StepDefinition<PingStep> = defineStep(
  'ping',
  z
    .strictObject({
      ...stepShape,
      ping: z
        .string({ error: 'expected an address or the name of a pod, host or node' })
        .describe('A pod, host or node (its primary address), or an address'),
      from: z.string({ error: 'expected the name of a pod, host or node' }),
      source: ipv4.exactOptional().describe('Bound source address'),
      count: integer(1, 100_000, 'a number of requests').prefault(1),
      interval: positiveDuration.prefault('1s'),
      size: integer(0, 65_000, 'a payload in bytes').prefault(56),
      timeout: positiveDuration.prefault('1s'),
      name: name.exactOptional().describe('Name for expectations; ping-1 and so on when left out'),
    })
    .meta({ id: 'pingStep' }),
  (context, raw, base, path) => {
    const given = raw.name ?? `ping-${context.pings.size + 1}`;
    if (context.pings.has(given)) {
      context.report(
        [...path, 'name'],
        `there is already a ping "${given}"`,
        'choose another name',
      );
    }
    context.pings.add(given);
    const fromKnown = context.known(raw.from, [...path, 'from'], 'pod', 'host', 'node');
    const to = resolveAddress(context, raw.ping, [...path, 'ping']);
    if (!fromKnown || to === null) return null;
    const { from, count, interval, size, timeout } = raw;
    const source = raw.source ?? null;
    const target = { to: to.address, toName: to.name };
    return {
      ...base,
      kind: 'ping',
      name: given,
      from,
      source,
      ...target,
      count,
      interval,
      size,
      timeout,
    };
  },
);
