// The packet quoted in an ICMP error, as the tuple it had, and its translation. An error belongs to
// the connection of the packet it complains about; NAT must undo there what it did to that packet
// (RFC 5508 4; nf_conntrack_inet_error and nf_nat_icmp_reply_translation in Linux).

import type { Packet, PacketRewriter } from '../stack/packet.ts';
import type { Frame } from '../wire/frame.ts';
import * as icmp from '../wire/icmp.ts';
import * as ipv4 from '../wire/ipv4.ts';
import { ANY_ADDRESS, type Ipv4Address } from '../wire/ipv4-address.ts';
import { IpProtocol } from '../wire/numbers.ts';
import * as ports from '../wire/ports.ts';
import * as tcp from '../wire/tcp.ts';
import * as udp from '../wire/udp.ts';
import { icmpPort } from './conntrack/tuple.ts';

/** RFC 792 has eight octets quoted: enough to translate what is quoted. */
const TRANSLATABLE_LENGTH = 8;

/** The quoted tuple, ports as in tuple.ts. Reused: read it before the next `read`. */
export class Quote {
  protocol = 0;
  source: Ipv4Address = ANY_ADDRESS;
  destination: Ipv4Address = ANY_ADDRESS;
  sourcePort = 0;
  destinationPort = 0;

  /** Reads the quote of an error whose ICMP header is complete. False if it says too little. */
  read(packet: Packet): boolean {
    const { frame, l4, end } = packet;
    const at = l4 + icmp.HEADER_LENGTH;
    if (end - at < ipv4.HEADER_LENGTH) return false;
    const headerLength = ipv4.headerLength(frame, at);
    // Of a later fragment nobody knows the ports. More of the header Linux does not check.
    if (at + headerLength > end || ipv4.fragmentOffset(frame, at) > 0) return false;
    this.protocol = ipv4.protocol(frame, at);
    this.source = ipv4.source(frame, at);
    this.destination = ipv4.destination(frame, at);
    return this.#readPorts(frame, at + headerLength, end);
  }

  #readPorts(frame: Frame, at: number, end: number): boolean {
    this.sourcePort = 0;
    this.destinationPort = 0;
    if (this.protocol === IpProtocol.Tcp || this.protocol === IpProtocol.Udp) {
      if (end - at < ports.LENGTH) return false;
      this.sourcePort = ports.sourcePort(frame, at);
      this.destinationPort = ports.destinationPort(frame, at);
    } else if (this.protocol === IpProtocol.Icmp) {
      if (end - at < icmp.HEADER_LENGTH) return false;
      const type = icmp.type(frame, at);
      if (!icmp.isQuery(type)) return false;
      this.sourcePort = icmp.identifier(frame, at);
      this.destinationPort = icmpPort(type, icmp.code(frame, at));
    }
    return true;
  }
}

/** What the quoted header must say when the error leaves; null: as it came. */
export class QuoteTranslation implements PacketRewriter {
  source: Ipv4Address | null = null;
  sourcePort = 0;
  destination: Ipv4Address | null = null;
  /** For quoted ICMP queries both ports are the identifier, and the one that is set counts. */
  destinationPort = 0;

  /** False if too little of the packet's quote is there to be translated. */
  static isPossible(packet: Packet): boolean {
    const { frame, l4, end } = packet;
    const quote = l4 + icmp.HEADER_LENGTH;
    const inner = quote + ipv4.headerLength(frame, quote);
    const protocol = ipv4.protocol(frame, quote);
    const hasPorts = protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp;
    return !hasPorts || end - inner >= TRANSLATABLE_LENGTH;
  }

  /** Patches the quote and its checksums, as far as they were quoted, and then the error's own. */
  rewrite(frame: Frame, l3: number, _packet: Packet): void {
    const l4 = l3 + ipv4.headerLength(frame, l3);
    const end = l3 + ipv4.totalLength(frame, l3);
    const quote = l4 + icmp.HEADER_LENGTH;
    const { source, destination } = this;
    if (source !== null) {
      const before = ipv4.source(frame, quote);
      ipv4.rewriteSource(frame, quote, source);
      patchTransport(frame, quote, end, before, source, this.sourcePort, true);
    }
    if (destination !== null) {
      const before = ipv4.destination(frame, quote);
      ipv4.rewriteDestination(frame, quote, destination);
      patchTransport(frame, quote, end, before, destination, this.destinationPort, false);
    }
    icmp.refreshChecksum(frame, l4, end - l4);
  }
}

/** One address of the pseudo-header has changed from `before` to `after`, and its port becomes `port`. */
function patchTransport(
  frame: Frame,
  quote: number,
  end: number,
  before: Ipv4Address,
  after: Ipv4Address,
  port: number,
  isSource: boolean,
): void {
  const at = quote + ipv4.headerLength(frame, quote);
  switch (ipv4.protocol(frame, quote)) {
    case IpProtocol.Tcp:
      if (end - at < tcp.HEADER_LENGTH) {
        // The checksum was not quoted.
        if (isSource) ports.setSourcePort(frame, at, port);
        else ports.setDestinationPort(frame, at, port);
        return;
      }
      tcp.rewriteChecksum32(frame, at, before, after);
      if (isSource) tcp.rewriteSourcePort(frame, at, port);
      else tcp.rewriteDestinationPort(frame, at, port);
      return;
    case IpProtocol.Udp:
      udp.rewriteChecksum32(frame, at, before, after);
      if (isSource) udp.rewriteSourcePort(frame, at, port);
      else udp.rewriteDestinationPort(frame, at, port);
      return;
    case IpProtocol.Icmp:
      icmp.rewriteIdentifier(frame, at, port);
      return;
    default:
      return;
  }
}
