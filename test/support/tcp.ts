// TCP in tests: what crossed the LAN as short lines, applications that remember what they were told,
// and a puppet that answers a real stack with whatever segments a test dictates.
//
//   'A > B S 0'               flags as letters (S F R P A), then the relative sequence number,
//   'B > A SA 0 ack 1'        the relative acknowledgment number if ACK is set,
//   'A > B PA 1 ack 1 len 4'  and the octets of data if there are any

import type { Nanos } from '../../src/sim/time.ts';
import type { IcmpError } from '../../src/stack/icmp/error.ts';
import { Ipv4 } from '../../src/stack/ipv4/ipv4.ts';
import type { TransportProtocol } from '../../src/stack/ipv4/transport.ts';
import type { Packet } from '../../src/stack/packet.ts';
import type { Errno } from '../../src/stack/socket/errno.ts';
import type { NetworkStack } from '../../src/stack/stack.ts';
import type { TcpConnection } from '../../src/stack/tcp/connection.ts';
import type { TcpAcceptor, TcpHandlers } from '../../src/stack/tcp/handlers.ts';
import * as ethernet from '../../src/wire/ethernet.ts';
import type { Frame } from '../../src/wire/frame.ts';
import * as ipv4 from '../../src/wire/ipv4.ts';
import type { Ipv4Address } from '../../src/wire/ipv4-address.ts';
import { EtherType, IpProtocol } from '../../src/wire/numbers.ts';
import * as tcp from '../../src/wire/tcp.ts';
import * as options from '../../src/wire/tcp-options.ts';
import type { Lan } from './lan.ts';

const LETTERS: readonly (readonly [number, string])[] = [
  [tcp.Flag.Syn, 'S'],
  [tcp.Flag.Fin, 'F'],
  [tcp.Flag.Rst, 'R'],
  [tcp.Flag.Psh, 'P'],
  [tcp.Flag.Ack, 'A'],
];

export function flagLetters(flags: number): string {
  return LETTERS.filter(([flag]) => (flags & flag) !== 0)
    .map(([, letter]) => letter)
    .join('');
}

export function flagsOf(letters: string): number {
  return LETTERS.filter(([, letter]) => letters.includes(letter)).reduce(
    (flags, [flag]) => flags | flag,
    0,
  );
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(frame: Frame, offset: number, length: number): string {
  return new TextDecoder().decode(frame.bytes.slice(offset, offset + length));
}

/** One segment that entered a switch. */
export interface RecordedSegment {
  /** Seconds since the lab started. */
  readonly t: number;
  /** Names of the MACs. */
  readonly from: string;
  readonly to: string;
  readonly flags: string;
  /** Relative to the first SYN of this direction, where one was seen. */
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly length: number;
  readonly window: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly timeToLive: number;
  readonly dontFragment: boolean;
  readonly mss: number | null;
}

/** The TCP segments that crossed the LAN since `since`. */
export function segments(lan: Lan, since: Nanos = 0): RecordedSegment[] {
  const starts = new Map<string, number>();
  const result: RecordedSegment[] = [];
  for (const { at, frame } of lan.frames) {
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    if (ethernet.etherType(frame) !== EtherType.Ipv4) continue;
    if (ipv4.protocol(frame, l3) !== IpProtocol.Tcp || ipv4.fragmentOffset(frame, l3) > 0) continue;
    const l4 = l3 + ipv4.headerLength(frame, l3);
    const source = `${ipv4.source(frame, l3)}:${tcp.sourcePort(frame, l4)}`;
    const destination = `${ipv4.destination(frame, l3)}:${tcp.destinationPort(frame, l4)}`;
    const flags = tcp.flags(frame, l4);
    const sequence = tcp.sequenceNumber(frame, l4);
    if ((flags & tcp.Flag.Syn) !== 0) starts.set(`${source}>${destination}`, sequence);
    if (at < since) continue;
    const start = starts.get(`${source}>${destination}`) ?? 0;
    const peerStart = starts.get(`${destination}>${source}`) ?? 0;
    const isAck = (flags & tcp.Flag.Ack) !== 0;
    result.push({
      t: at / 1e9,
      from: lan.macName(ethernet.source(frame)),
      to: lan.macName(ethernet.destination(frame)),
      flags: flagLetters(flags),
      sequence: (sequence - start) >>> 0,
      acknowledgment: isAck ? (tcp.acknowledgmentNumber(frame, l4) - peerStart) >>> 0 : 0,
      length: l3 + ipv4.totalLength(frame, l3) - l4 - tcp.dataOffset(frame, l4),
      window: tcp.window(frame, l4),
      sourcePort: tcp.sourcePort(frame, l4),
      destinationPort: tcp.destinationPort(frame, l4),
      timeToLive: ipv4.timeToLive(frame, l3),
      dontFragment: ipv4.dontFragment(frame, l3),
      mss: options.parse(frame, l4).mss,
    });
  }
  return result;
}

export function line(segment: RecordedSegment): string {
  const { from, to, flags, sequence, acknowledgment, length } = segment;
  const ack = flags.includes('A') ? ` ack ${acknowledgment}` : '';
  return `${from} > ${to} ${flags} ${sequence}${ack}${length > 0 ? ` len ${length}` : ''}`;
}

/** The segments as lines. */
export function lines(lan: Lan, since: Nanos = 0): string[] {
  return segments(lan, since).map(line);
}

/** An application that keeps everything it is told. */
export class Recorder implements TcpHandlers, TcpAcceptor {
  readonly connections: TcpConnection[] = [];
  /** 'connected', 'accepted', 'end', 'writable', 'closed', or an errno. */
  readonly calls: string[] = [];
  /** When each of `calls` came, in seconds. */
  readonly times: number[] = [];
  text = '';
  /** Called for data; e.g. to answer. */
  answer: ((connection: TcpConnection, text: string) => void) | null = null;
  closesOnEnd = false;

  get connection(): TcpConnection {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error('nothing was accepted or connected yet');
    return last;
  }

  accept(connection: TcpConnection): TcpHandlers {
    this.connections.push(connection);
    this.#note(connection, 'accepted');
    return this;
  }

  onConnected(connection: TcpConnection): void {
    this.connections.push(connection);
    this.#note(connection, 'connected');
  }

  onData(connection: TcpConnection, frame: Frame, offset: number, length: number): void {
    const text = textOf(frame, offset, length);
    this.text += text;
    this.answer?.(connection, text);
  }

  onEnd(connection: TcpConnection): void {
    this.#note(connection, 'end');
    if (this.closesOnEnd) connection.close();
  }

  onWritable(connection: TcpConnection): void {
    this.#note(connection, 'writable');
  }

  onClosed(connection: TcpConnection, error: Errno | null): void {
    this.#note(connection, error ?? 'closed');
  }

  #note(connection: TcpConnection, call: string): void {
    this.calls.push(call);
    this.times.push(connection.host.scheduler.now / 1e9);
  }
}

/** A server that answers every chunk with itself, and closes when its peer does. */
export function echoServer(stack: NetworkStack, port: number): Recorder {
  const server = new Recorder();
  server.answer = (connection, text) => connection.write(ascii(text));
  server.closesOnEnd = true;
  stack.tcp.listen({ port }, server);
  return server;
}

/** What a puppet was sent. */
export interface HeardSegment {
  readonly flags: string;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly length: number;
  readonly window: number;
  readonly sourcePort: number;
}

export interface SaidSegment {
  readonly flags: string;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly data?: string | Uint8Array;
  readonly window?: number;
  readonly mss?: number;
  readonly windowScale?: number;
  readonly timestamps?: readonly [value: number, echo: number];
}

/** Takes the place of a host's TCP: says only what the test says, and keeps what it hears. */
export class Puppet implements TransportProtocol {
  readonly heard: HeardSegment[] = [];
  readonly #stack: NetworkStack;
  readonly #port: number;
  readonly #peer: Ipv4Address;
  #peerPort: number;

  /** Speaks from `port` of the host to the peer; the peer's port is the one it last spoke from. */
  constructor(stack: NetworkStack, port: number, peer: Ipv4Address, peerPort = 0) {
    this.#stack = stack;
    this.#port = port;
    this.#peer = peer;
    this.#peerPort = peerPort;
    stack.ipv4.register(IpProtocol.Tcp, this);
  }

  get last(): HeardSegment {
    const last = this.heard.at(-1);
    if (last === undefined) throw new Error('the puppet has heard nothing');
    return last;
  }

  /** What was heard since, as lines: 'A 101 ack 501'. */
  linesSince(count: number): string[] {
    return this.heard.slice(count).map((segment) => {
      const ack = segment.flags.includes('A') ? ` ack ${segment.acknowledgment}` : '';
      const length = segment.length > 0 ? ` len ${segment.length}` : '';
      return `${segment.flags} ${segment.sequence}${ack}${length}`;
    });
  }

  receive(packet: Packet): void {
    const { frame, l4, end } = packet;
    this.#peerPort = packet.sourcePort;
    this.heard.push({
      flags: flagLetters(tcp.flags(frame, l4)),
      sequence: tcp.sequenceNumber(frame, l4),
      acknowledgment: tcp.acknowledgmentNumber(frame, l4),
      length: end - l4 - tcp.dataOffset(frame, l4),
      window: tcp.window(frame, l4),
      sourcePort: packet.sourcePort,
    });
  }

  hasSent(_error: IcmpError): boolean {
    return true;
  }

  receiveError(_error: IcmpError): void {}

  hasConnection(): boolean {
    return false;
  }

  say(segment: SaidSegment): void {
    const { sequence = 0, acknowledgment = 0, window = 0xffff } = segment;
    const data = typeof segment.data === 'string' ? ascii(segment.data) : segment.data;
    const dataLength = data?.length ?? 0;
    const route = this.#stack.ipv4.route(this.#peer);
    if (typeof route === 'string') throw new Error(route);
    const header =
      tcp.HEADER_LENGTH +
      (segment.mss === undefined ? 0 : options.MSS_LENGTH) +
      (segment.windowScale === undefined ? 0 : options.WINDOW_SCALE_LENGTH) +
      (segment.timestamps === undefined ? 0 : options.TIMESTAMPS_LENGTH);
    const frame = this.#stack.ipv4.allocate(header + dataLength);
    const at = frame.start + Ipv4.PAYLOAD_OFFSET;
    const flags = flagsOf(segment.flags);
    tcp.emit(
      frame,
      at,
      this.#port,
      this.#peerPort,
      sequence >>> 0,
      acknowledgment >>> 0,
      flags,
      window,
      header,
    );
    let option = at + tcp.HEADER_LENGTH;
    if (segment.mss !== undefined) option = options.emitMss(frame, option, segment.mss);
    if (segment.windowScale !== undefined) {
      option = options.emitWindowScale(frame, option, segment.windowScale);
    }
    if (segment.timestamps !== undefined) {
      options.emitTimestamps(frame, option, ...segment.timestamps);
    }
    if (data !== undefined) frame.bytes.set(data, at + header);
    tcp.refreshChecksum(frame, at, route.source, this.#peer, header + dataLength);
    this.#stack.ipv4.send(frame, IpProtocol.Tcp, route, this.#peer);
  }
}
