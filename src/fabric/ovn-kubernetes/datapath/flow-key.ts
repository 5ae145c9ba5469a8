// The five numbers of a packet as connection tracking of Open vSwitch takes them (lib/conntrack.c,
// conn_key_extract). An ICMP error has those of the packet that it quotes, turned round: it goes the way
// of an answer to it.

import {
  icmpPort,
  invertedDestinationPort,
  invertedSourcePort,
} from '../../../nat/conntrack/tuple.ts';
import type { Frame } from '../../../wire/frame.ts';
import * as icmp from '../../../wire/icmp.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import { ANY_ADDRESS, type Ipv4Address } from '../../../wire/ipv4-address.ts';
import { IpProtocol } from '../../../wire/numbers.ts';
import * as ports from '../../../wire/ports.ts';

/** Reused: read it before the next `read`. Ports as in nat/conntrack/tuple.ts. */
export class FlowKey {
  protocol = 0;
  source: Ipv4Address = ANY_ADDRESS;
  destination: Ipv4Address = ANY_ADDRESS;
  sourcePort = 0;
  destinationPort = 0;
  /** The packet is an ICMP error about a packet of the flow. */
  isError = false;
  /** A fragment without ports. */
  isLaterFragment = false;

  /** Reads a packet with a sound IPv4 header. False when it says too little to be tracked. */
  read(frame: Frame, l3: number): boolean {
    const l4 = l3 + ipv4.headerLength(frame, l3);
    const end = l3 + ipv4.totalLength(frame, l3);
    this.isError = false;
    this.isLaterFragment = ipv4.fragmentOffset(frame, l3) > 0;
    this.#readAddresses(frame, l3);
    if (this.isLaterFragment) return true;
    const isError =
      this.protocol === IpProtocol.Icmp &&
      end - l4 >= icmp.HEADER_LENGTH &&
      icmp.isError(icmp.type(frame, l4));
    if (!isError) return this.#readPorts(frame, l4, end);
    this.isError = true;
    return this.#readQuote(frame, l4 + icmp.HEADER_LENGTH, end);
  }

  #readAddresses(frame: Frame, l3: number): void {
    this.protocol = ipv4.protocol(frame, l3);
    this.source = ipv4.source(frame, l3);
    this.destination = ipv4.destination(frame, l3);
    this.sourcePort = 0;
    this.destinationPort = 0;
  }

  #readPorts(frame: Frame, l4: number, end: number): boolean {
    if (this.protocol === IpProtocol.Tcp || this.protocol === IpProtocol.Udp) {
      if (end - l4 < ports.LENGTH) return false;
      this.sourcePort = ports.sourcePort(frame, l4);
      this.destinationPort = ports.destinationPort(frame, l4);
    } else if (this.protocol === IpProtocol.Icmp) {
      if (end - l4 < icmp.HEADER_LENGTH) return false;
      const type = icmp.type(frame, l4);
      if (!icmp.isQuery(type)) return false;
      this.sourcePort = icmp.identifier(frame, l4);
      this.destinationPort = icmpPort(type, icmp.code(frame, l4));
    }
    return true;
  }

  #readQuote(frame: Frame, quote: number, end: number): boolean {
    if (end - quote < ipv4.HEADER_LENGTH) return false;
    const headerLength = ipv4.headerLength(frame, quote);
    if (quote + headerLength > end || ipv4.fragmentOffset(frame, quote) > 0) return false;
    this.#readAddresses(frame, quote);
    if (!this.#readPorts(frame, quote + headerLength, end)) return false;
    const { source, destination, protocol, sourcePort, destinationPort } = this;
    this.source = destination;
    this.destination = source;
    this.sourcePort = invertedSourcePort(protocol, sourcePort, destinationPort);
    this.destinationPort = invertedDestinationPort(protocol, sourcePort, destinationPort);
    return this.destinationPort >= 0;
  }
}
