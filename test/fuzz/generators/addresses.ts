// Addresses that may mean something to the host: its own, those of who lives at its cables, places
// behind its routes, and what no packet should carry.

import type { Random } from '../../../src/sim/random.ts';
import type { HostConfig } from '../case.ts';
import { EGRESS_ADDRESS, MAC0, MAC1, PEERS, type Peer } from '../configuration.ts';

export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff';
export const ZERO_MAC = '00:00:00:00:00:00';
export const MULTICAST_MAC = '01:00:5e:00:00:01';
/** Nobody's, until somebody says so. */
export const STRANGE_MAC = '02:00:00:00:09:09';

const OWN = ['10.1.0.1', '192.0.2.1', EGRESS_ADDRESS, '10.1.0.2'];
const PLACES = [
  '198.51.100.10',
  '203.0.113.5',
  '203.0.113.70',
  '203.0.113.140',
  '10.1.0.99',
  '192.0.2.77',
  '10.3.0.7',
  '10.2.7.7',
  '198.18.0.1',
];
const ODD = [
  '0.0.0.0',
  '0.1.2.3',
  '127.0.0.1',
  '127.1.2.3',
  '224.0.0.1',
  '224.0.0.18',
  '239.1.1.1',
  '240.0.0.1',
  '255.255.255.255',
  '10.1.0.0',
  '10.1.0.255',
  '10.2.255.255',
  '192.0.2.0',
  '192.0.2.255',
  '169.254.1.1',
];

/** Where a packet comes from and where it goes. */
export interface Ends {
  readonly source: string;
  readonly destination: string;
}

export function ownMac({ on }: Peer): string {
  return on === 'eth0' ? MAC0 : MAC1;
}

/** The host's first address on a peer's cable. */
export function ownAddress({ on }: Peer): string {
  return on === 'eth0' ? '10.1.0.1' : '192.0.2.1';
}

export function isOwn(address: string): boolean {
  return OWN.includes(address);
}

export function anyAddress(random: Random): string {
  const draw = random.unit();
  if (draw < 0.3) return random.pick(PEERS).address;
  if (draw < 0.55) return random.pick(OWN);
  return draw < 0.8 ? random.pick(PLACES) : random.pick(ODD);
}

/** A packet from a peer: to the host, through it, or somewhere odd. */
export function anyEnds(random: Random, peer: Peer): Ends {
  const source = random.chance(0.92) ? peer.address : anyAddress(random);
  const draw = random.unit();
  if (draw < 0.3) return { source, destination: ownAddress(peer) };
  if (draw < 0.6) {
    const others = PEERS.filter(({ on }) => on !== peer.on);
    return { source, destination: random.pick(others).address };
  }
  if (draw < 0.75) return { source, destination: random.pick(PLACES) };
  return { source, destination: anyAddress(random) };
}

/** What NAT should make of a source, as seen from an interface. */
export function outside({ nat }: HostConfig, source: string, on: string): string {
  if (nat === null || on !== nat.out || !source.startsWith('10.1.0.')) return source;
  return nat.to ?? '192.0.2.1';
}

/** Who sends for an address: its owner, else the router that leads there. */
export function senderFor(address: string): Peer {
  const peer = PEERS.find((candidate) => candidate.address === address) ?? PEERS.at(-1);
  if (peer === undefined) throw new Error('nobody lives anywhere');
  return peer;
}
