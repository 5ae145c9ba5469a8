// A ping socket: echo requests with one identifier, and their answers. Times are left to the caller.

import { Frame } from '../../wire/frame.ts';
import * as icmp from '../../wire/icmp.ts';
import { HEADER_LENGTH } from '../../wire/ipv4.ts';
import { ANY_ADDRESS, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import { Ipv4 } from '../ipv4/ipv4.ts';
import type { Packet } from '../packet.ts';
import type { SendFailure } from '../socket/errno.ts';
import type { SocketHost } from '../socket/host.ts';
import type { IcmpError } from './error.ts';

/** An answer to a ping. */
export interface EchoReply {
  readonly from: Ipv4Address;
  readonly sequence: number;
  readonly timeToLive: number;
  /** Octets after the ICMP header. */
  readonly size: number;
}

/** The program behind a ping socket. */
export interface EchoHandler {
  onReply(reply: EchoReply): void;
  onError(error: IcmpError): void;
}

/** How one request is sent. */
export interface EchoOptions {
  readonly source?: Ipv4Address;
  /** Octets after the ICMP header; ping's default is 56. */
  readonly size?: number;
  /** What the payload begins with; counting octets follow, as with ping. */
  readonly payload?: Uint8Array;
  readonly timeToLive?: number;
  readonly typeOfService?: number;
  readonly dontFragment?: boolean;
}

/** Octets behind the ICMP header: ping's default. */
export const DEFAULT_ECHO_SIZE = 56;

/** The total length of a packet has 16 bits. */
const MAXIMUM_PACKET = 65_535;

/** After so many octets it begins again. */
const PERIOD = 256;

/** 0x00, 0x01, 0x02 … as long as a packet can be. */
const PATTERN: Frame = patternFrame();

function patternFrame(): Frame {
  const octets = new Uint8Array(MAXIMUM_PACKET);
  for (let value = 0; value < PERIOD; value++) octets[value] = value;
  for (let filled = PERIOD; filled < octets.length; filled *= 2)
    octets.copyWithin(filled, 0, filled);
  return new Frame(octets, new DataView(octets.buffer), 0, octets.length, 0);
}

/** Sends echo requests under one identifier and hears the answers. */
export class EchoSocket {
  readonly identifier: number;
  readonly #host: SocketHost;
  readonly #handler: EchoHandler;
  readonly #onClose: () => void;

  /** Use `Icmp.openEcho`. */
  constructor(host: SocketHost, identifier: number, handler: EchoHandler, onClose: () => void) {
    this.#host = host;
    this.identifier = identifier;
    this.#handler = handler;
    this.#onClose = onClose;
  }

  /** Sends one request; null if it left, else why it could not. */
  send(destination: Ipv4Address, sequence: number, options: EchoOptions = {}): SendFailure | null {
    const { ipv4 } = this.#host;
    const route = ipv4.route(destination, options.source ?? ANY_ADDRESS);
    if (typeof route === 'string') return route;
    const length = icmp.HEADER_LENGTH + (options.size ?? DEFAULT_ECHO_SIZE);
    const total = HEADER_LENGTH + length;
    if (total > MAXIMUM_PACKET) return 'message-too-long';
    if (options.dontFragment === true && total > route.mtu) return 'message-too-long';
    const frame = ipv4.allocate(length);
    const at = frame.start + Ipv4.PAYLOAD_OFFSET;
    const data = at + icmp.HEADER_LENGTH;
    PATTERN.copyTo(frame.bytes, frame.view, data, length - icmp.HEADER_LENGTH);
    if (options.payload !== undefined) {
      frame.bytes.set(options.payload.subarray(0, length - icmp.HEADER_LENGTH), data);
    }
    icmp.emitEcho(frame, at, icmp.Type.Echo, this.identifier, sequence & 0xffff, length);
    const left = ipv4.send(frame, IpProtocol.Icmp, route, destination, options);
    return left ? null : 'not-permitted';
  }

  /** Called by Icmp. */
  receive(packet: Packet): void {
    this.#handler.onReply({
      from: packet.source,
      sequence: icmp.sequence(packet.frame, packet.l4),
      timeToLive: packet.timeToLive,
      size: packet.end - packet.l4 - icmp.HEADER_LENGTH,
    });
  }

  /** Called by Icmp. */
  receiveError(error: IcmpError): void {
    this.#handler.onError(error);
  }

  close(): void {
    this.#onClose();
  }
}
