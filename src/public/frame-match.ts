// Which frame is meant, in the words of topologies' `frame:` expectations.

/** A frame on the wire; all that is given must hold. MAC addresses may be given as whose they are: 'worker02'. */
export interface FrameMatch {
  /** MAC addresses of the Ethernet header, whose they are, or 'broadcast'. */
  readonly ethernet?: { readonly from?: string; readonly to?: string };
  /** As the captured port sees it. */
  readonly direction?: 'in' | 'out';
  /** An ARP packet (RFC 826); `{}` is any. */
  readonly arp?: ArpMatch;
  /** IPv4 addresses, or networks in CIDR notation. */
  readonly ip?: { readonly from?: string; readonly to?: string };
  /** An ICMP message by name, or by its numbers. */
  readonly icmp?: IcmpName | { readonly type?: number; readonly code?: number };
  /** A TCP segment; `{}` is any. */
  readonly tcp?: TcpMatch;
  /** A UDP datagram; `{}` is any. */
  readonly udp?: PortMatch;
  /** A VXLAN packet (RFC 7348), and the frame in it. */
  readonly vxlan?: { readonly vni?: number; readonly inner?: FrameMatch };
  /** A part of a comment in the capture. */
  readonly comment?: string;
}

/** An ARP packet; what is left out is not looked at. */
export interface ArpMatch {
  readonly operation?: 'request' | 'reply';
  readonly senderMac?: string;
  readonly senderIp?: string;
  readonly targetMac?: string;
  readonly targetIp?: string;
  /** Whether sender and target IP are the same. */
  readonly gratuitous?: boolean;
}

/** Ports; what is left out is not looked at. */
export interface PortMatch {
  readonly from?: number;
  readonly to?: number;
}

/** Ports and flags of a TCP segment. */
export interface TcpMatch extends PortMatch {
  /** All of these are set. */
  readonly flags?: readonly TcpFlag[];
  /** None of these is set. */
  readonly without?: readonly TcpFlag[];
}

/** A flag of a TCP segment, RFC 9293 3.1. */
export type TcpFlag = 'fin' | 'syn' | 'rst' | 'psh' | 'ack' | 'urg';

/** An ICMP message that has a name here. */
export type IcmpName = 'echo-reply' | 'unreachable' | 'redirect' | 'echo-request' | 'time-exceeded';
