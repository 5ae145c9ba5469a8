// A frame that must, or must not, have crossed a captured port until now:
// `frame: { arp: { operation: reply, senderIp: 192.168.50.120 } }, on: db/eth0, count: 0`.

import type { Ipv4Address, Ipv4Cidr } from '../../wire/ipv4-address.ts';
import type { PortSelector } from '../model.ts';
import type { Comparisons, ExpectationBase, MacReference, Window } from './expectation.ts';

/** What is null is not checked. */
export interface ArpMatch {
  readonly operation: 'request' | 'reply' | null;
  readonly senderMac: MacReference | null;
  readonly senderIp: Ipv4Address | null;
  readonly targetMac: MacReference | null;
  readonly targetIp: Ipv4Address | null;
  /** Sender and target IP equal. */
  readonly gratuitous: boolean | null;
}

export interface TcpMatch {
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** Flags that must be set, as bits (wire/tcp.ts Flag). */
  readonly flagsSet: number;
  /** Flags that must not be set. */
  readonly flagsClear: number;
}

export interface UdpMatch {
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}

export interface IcmpMatch {
  readonly type: number | null;
  readonly code: number | null;
}

/** All given parts must match the same frame. With `vxlan`, `inner` is matched inside. */
export interface FrameMatch {
  readonly sourceMac: MacReference | null;
  readonly destinationMac: MacReference | null;
  /** Seen from the captured port's machine. */
  readonly direction: 'in' | 'out' | null;
  readonly arp: ArpMatch | null;
  readonly ipSource: Ipv4Cidr | null;
  readonly ipDestination: Ipv4Cidr | null;
  readonly icmp: IcmpMatch | null;
  readonly tcp: TcpMatch | null;
  readonly udp: UdpMatch | null;
  readonly vxlan: { readonly vni: number | null; readonly inner: FrameMatch | null } | null;
  /** A part of one of its capture comments. */
  readonly comment: string | null;
}

export interface FrameExpectation extends ExpectationBase {
  readonly kind: 'frame';
  readonly match: FrameMatch;
  /** Ports on which to look; each is captured, whatever `capture:` says, while the run lasts. */
  readonly on: PortSelector | null;
  readonly window: Window | null;
  /** How many such frames, over all those ports; by default at least one. */
  readonly count: Comparisons;
}
