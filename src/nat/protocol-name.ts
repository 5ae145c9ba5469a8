// Protocol numbers as iptables and conntrack print them.

import { IpProtocol } from '../wire/numbers.ts';

/** 'tcp', 'udp', 'icmp'; null for all others. */
export function protocolName(protocol: number): string | null {
  switch (protocol) {
    case IpProtocol.Tcp:
      return 'tcp';
    case IpProtocol.Udp:
      return 'udp';
    case IpProtocol.Icmp:
      return 'icmp';
    default:
      return null;
  }
}

/** The same, with the number for those that have no name here. */
export function protocolText(protocol: number): string {
  return protocolName(protocol) ?? String(protocol);
}
