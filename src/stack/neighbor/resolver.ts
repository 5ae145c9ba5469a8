// What a protocol does for the neighbor table that resolves its addresses: ARP for IPv4. Neighbor
// Discovery for IPv6 would be another (RFC 4861); the machine in entry.ts is the same for both.

import type { Nanos } from '../../sim/time.ts';
import type { Frame } from '../../wire/frame.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { MacAddress } from '../../wire/mac-address.ts';
import type { Interface } from '../device/interface.ts';
import type { NeighborEntry } from './entry.ts';
import type { Solicitation } from './probing.ts';

/** Resolves the addresses of one family. */
export interface Resolver {
  /** Of the frames that the table sends. */
  readonly etherType: number;
  /** How long an entry lives without proof, after which it is forgotten; null: NUD, as in Linux. */
  readonly lifetime: Nanos | null;
  /** The MAC of next hops for which it follows from the address; null: there has to be an entry. */
  implicitMac(iface: Interface, nextHop: Ipv4Address): MacAddress | null;
  /** Sends one request for the MAC of a neighbor. */
  solicit(entry: NeighborEntry, kind: Solicitation): void;
  /** Nobody has answered for the next hop of a packet that waited: its sender hears so. */
  unreachable(frame: Frame, iface: Interface): void;
}
