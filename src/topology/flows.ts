// `scenario.flows`: repeated traffic whose answers are counted.

import { z } from 'zod';
import type { Path } from '../schema/position.ts';
import { duration, integer, ipv4, port, positiveDuration } from '../schema/values.ts';
import type { Nanos } from '../sim/time.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import type { Context } from './context.ts';
import type { FlowSpec } from './model.ts';
import { resolveAddress } from './targets.ts';

type Connection = FlowSpec['connection'];
type Speaker = FlowSpec['speaksFirst'];

/** A flow as it is written. */
export interface RawFlow {
  readonly from: string;
  readonly source?: Ipv4Address;
  readonly sourcePort?: number;
  readonly to: string;
  readonly tcp?: number;
  readonly udp?: number;
  readonly icmp?: 'echo';
  readonly every: Nanos;
  readonly start?: Nanos;
  readonly stop?: Nanos;
  readonly count?: number;
  readonly size: number;
  readonly connection?: Connection;
  readonly speaksFirst?: Speaker;
  readonly timeout: Nanos;
}

const connection: z.ZodType<Connection> = z.enum(['per-request', 'persistent']);
const speaker: z.ZodType<Speaker> = z.enum(['client', 'server']);
const echo: z.ZodType<'echo'> = z.enum(['echo']);

/** What fits in one datagram. */
const MAX_DATAGRAM = 65_000;
/** Of TCP: a transfer. */
const MAX_SIZE = 16_777_216;

/** A flow of `scenario:`. */
export const flowSchema: z.ZodType<RawFlow> = z
  .strictObject({
    from: z.string({ error: 'expected the name of a pod, host or node' }),
    source: ipv4.exactOptional().describe('Bound source address; left to routing when left out'),
    sourcePort: port
      .exactOptional()
      .describe('TCP, UDP: bound source port; an ephemeral one when left out'),
    to: z
      .string({ error: 'expected an address or the name of a pod, host or node' })
      .describe('A pod, host or node (its primary address), or an address'),
    tcp: port.exactOptional().describe('To this TCP port'),
    udp: port.exactOptional().describe('To this UDP port'),
    icmp: echo.exactOptional().describe('Echo requests'),
    every: positiveDuration.prefault('1s').describe('Time between requests'),
    start: duration
      .exactOptional()
      .describe('First request; at the start, or when a "start" step says so'),
    stop: duration.exactOptional().describe('No requests from this time on'),
    count: integer(1, 1_000_000_000, 'a number of requests').exactOptional(),
    size: integer(0, MAX_SIZE, 'a payload in bytes')
      .prefault(56)
      .describe(
        'Payload bytes of a request; 65,000 at most but for TCP, whose throughput is in the report',
      ),
    connection: connection
      .exactOptional()
      .describe('TCP: a connection for each request (the default), or one for all'),
    speaksFirst: speaker.exactOptional().describe('TCP: who sends the first byte (client)'),
    timeout: positiveDuration
      .prefault('1s')
      .describe('A request without an answer within this time is lost'),
  })
  .meta({ id: 'flow', description: 'Repeated traffic: one of tcp, udp and icmp' });

/** `started` are the flows that a step sets going before any stops them. */
export function normalizeFlow(
  context: Context,
  name: string,
  raw: RawFlow,
  started: ReadonlySet<string>,
  scenarioDuration: Nanos | null,
  path: Path,
): FlowSpec | null {
  const protocol = context.exactlyOne(raw, ['tcp', 'udp', 'icmp'], path);
  const fromKnown = context.known(raw.from, [...path, 'from'], 'pod', 'host', 'node');
  const to = resolveAddress(context, raw.to, [...path, 'to']);
  for (const key of ['connection', 'speaksFirst'] as const) {
    if (raw[key] === undefined || protocol === null || protocol === 'tcp') continue;
    const message = `"${key}" is about TCP, and this flow is ${protocol}`;
    context.report([...path, key], message, `leave "${key}" out`, 'key');
  }
  if (raw.sourcePort !== undefined && protocol === 'icmp') {
    context.report([...path, 'sourcePort'], 'ICMP has no ports', 'leave "sourcePort" out', 'key');
  }
  if (raw.size > MAX_DATAGRAM && protocol !== null && protocol !== 'tcp') {
    const message = `a datagram holds ${MAX_DATAGRAM} bytes at most`;
    context.report([...path, 'size'], message, 'make it smaller, or the flow one of TCP');
  }
  for (const key of ['start', 'stop'] as const) {
    const time = raw[key];
    if (time === undefined || scenarioDuration === null || time <= scenarioDuration) continue;
    context.report([...path, key], 'this is after the end of the scenario', 'see "duration"');
  }
  if (raw.stop !== undefined && raw.stop <= (raw.start ?? 0)) {
    context.report(
      [...path, 'stop'],
      'the flow stops before it starts',
      'change "start" or "stop"',
    );
  }
  if (protocol === null || !fromKnown || to === null) return null;
  const flow: FlowSpec = {
    name,
    position: context.position(path, 'key'),
    from: raw.from,
    source: raw.source ?? null,
    sourcePort: raw.sourcePort ?? null,
    to: to.address,
    toName: to.name,
    protocol,
    port: protocol === 'icmp' ? null : (raw[protocol] ?? null),
    every: raw.every,
    start: raw.start ?? (started.has(name) ? null : 0),
    stop: raw.stop ?? null,
    count: raw.count ?? null,
    size: raw.size,
    connection: raw.connection ?? 'per-request',
    speaksFirst: raw.speaksFirst ?? 'client',
    timeout: raw.timeout,
  };
  context.flows.set(name, flow);
  return flow;
}
