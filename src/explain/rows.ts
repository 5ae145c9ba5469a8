// Rows that are told as they were seen: translated connections and groups of routers.

import { IpProtocol } from '../wire/numbers.ts';
import { formatNumber } from './arp-watch.ts';
import type { RouterGroup, TranslationRow } from './model.ts';
import type { Observer } from './observer.ts';

/** One chance match of a datagram is no pair; sequence numbers of TCP do not match by chance. */
const DATAGRAMS = 2;
/** Changes of master beyond an election: two that do not hear one another. */
const TURNS = 6;

type Format = (address: number) => string;

/** Connections on both sides of address translation, by time. */
export function translationRows({ translations }: Observer, format: Format): TranslationRow[] {
  return [...translations.pairs.values()]
    .filter(({ packets, protocol }) => protocol === IpProtocol.Tcp || packets >= DATAGRAMS)
    .map((pair) => ({
      at: pair.at,
      frame: pair.frame,
      protocol: pair.protocol === IpProtocol.Tcp ? 'tcp' : 'udp',
      client: `${format(pair.client)}:${pair.clientPort}`,
      server: `${format(pair.server)}:${pair.serverPort}`,
      asClient: `${format(pair.asClient)}:${pair.asClientPort}`,
      asServer: `${format(pair.asServer)}:${pair.asServerPort}`,
      packets: pair.packets,
    }));
}

/** Groups of routers and their masters. */
export function routerGroups({ routers }: Observer, format: Format): RouterGroup[] {
  return [...routers.groups.values()].map(({ addresses, domain, id, spans }) => ({
    id,
    domain,
    addresses: [...addresses].map(format),
    masters: spans.map(({ by, mac, ...span }) => ({
      by: format(by),
      mac: formatNumber(mac),
      ...span,
    })),
    split: spans.length >= TURNS && spans.filter(({ resigned }) => !resigned).length >= TURNS,
  }));
}
