// What the protocols with sockets need of their host.

import type { Host } from '../host.ts';
import type { IcmpSender } from '../icmp/sender.ts';
import type { Ipv4 } from '../ipv4/ipv4.ts';
import type { NeighborTable } from '../neighbor/table.ts';

/** A host that sends and receives IPv4 packets. */
export interface SocketHost extends Host {
  readonly ipv4: Ipv4;
  readonly neighbors: NeighborTable;
  readonly icmp: IcmpSender;
}
