// `services:` of a host, node or pod: what listens there.

import { z } from 'zod';
import type { AnswerSource } from '../apps/service.ts';
import type { Path } from '../schema/position.ts';
import { ipv4, port } from '../schema/values.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import { WellKnownPort } from '../wire/numbers.ts';
import type { Context } from './context.ts';
import type { AppName, ServiceSpec } from './model.ts';

/** Each with what it does, for the JSON Schema. */
const APPS: Readonly<Record<AppName, string>> = {
  whoami: 'answers each request with the address it came from',
  echo: 'sends back what it receives (RFC 862)',
  discard: 'reads and says nothing (RFC 863)',
  sink: 'reads, counts, and acknowledges each request with its size',
  chargen: 'speaks first, and goes on (RFC 864)',
};

interface RawService {
  readonly tcp?: number;
  readonly udp?: number;
  readonly address?: Ipv4Address;
  readonly app: AppName;
  readonly answerFrom?: AnswerSource;
}

const app: z.ZodType<AppName> = z.enum(Object.keys(APPS) as AppName[]).meta({
  description: Object.entries(APPS)
    .map(([name, what]) => `${name}: ${what}`)
    .join('\n'),
});

const answerFrom: z.ZodType<AnswerSource> = z.enum(['route', 'asked']);

/** A service of a machine. */
export const serviceSchema: z.ZodType<RawService> = z
  .strictObject({
    tcp: port.exactOptional().describe('Listens on this TCP port'),
    udp: port.exactOptional().describe('Listens on this UDP port'),
    address: ipv4.exactOptional().describe('Listens on this address only'),
    app,
    answerFrom: answerFrom
      .exactOptional()
      .describe(
        'Source of UDP answers when it listens on all addresses: chosen by the route (the default), as from a server that only calls sendto, or the address that was asked, as from one with IP_PKTINFO (the default of port 53: resolvers do, RFC 2181 section 4.1)',
      ),
  })
  .meta({ id: 'service', description: 'What listens: tcp or udp, and what it does' });

/** The services; reports two on one port. */
export function normalizeServices(
  context: Context,
  raw: readonly RawService[],
  path: Path,
): ServiceSpec[] {
  const services: ServiceSpec[] = [];
  for (const [index, given] of raw.entries()) {
    const at = [...path, index];
    const protocol = context.exactlyOne(given, ['tcp', 'udp'], at);
    const listening = protocol === null ? undefined : given[protocol];
    if (protocol === null || listening === undefined) continue;
    const address = given.address ?? null;
    const taken = services.some(
      (other) =>
        other.protocol === protocol &&
        other.port === listening &&
        (other.address === address || other.address === null || address === null),
    );
    if (taken) {
      const message = `${protocol} ${listening} is used by a service above`;
      context.report([...at, protocol], message, 'choose another port or bind to an address');
    }
    if (protocol === 'tcp' && given.answerFrom !== undefined) {
      const message = 'a TCP connection is answered from the address that was asked';
      context.report([...at, 'answerFrom'], message, 'leave out "answerFrom"', 'key');
    }
    services.push({
      position: context.position(at),
      protocol,
      port: listening,
      address,
      app: given.app,
      answerFrom: given.answerFrom ?? (listening === WellKnownPort.Dns ? 'asked' : 'route'),
    });
  }
  return services;
}
