// An emulated interface that speaks through this machine's raw sockets (raw(7)): packets leave with
// their own IP header by the machine's routes, and answers to them come back. No device is made and
// CAP_NET_RAW is enough. ICMP and UDP only: the kernel would reset a TCP connection that it does not
// know. It hears everything that this machine hears; the lab is shown only what answers it.

import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { EgressLabError } from '../base/errors.ts';
import { type AttachedDevice, type AttachmentSite, KERNEL } from '../lab/attachment.ts';
import { LinkDrop } from '../link/drop-reason.ts';
import type { Link } from '../link/link.ts';
import type { Port } from '../link/port.ts';
import { StackDrop } from '../stack/drop-reason.ts';
import type { RawAttachment } from '../topology/attachments/attachment.ts';
import * as checksum from '../wire/checksum.ts';
import * as ethernet from '../wire/ethernet.ts';
import { Frame, type Offload } from '../wire/frame.ts';
import * as icmp from '../wire/icmp.ts';
import * as ipv4 from '../wire/ipv4.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';
import { ZERO_MAC } from '../wire/mac-address.ts';
import { EtherType, IpProtocol } from '../wire/numbers.ts';
import { finishFrame } from '../wire/offload.ts';
import * as udp from '../wire/udp.ts';

/** The part of the package "raw-socket" that is used here. */
interface RawSocketModule {
  readonly SocketLevel: Readonly<Record<string, number>>;
  readonly SocketOption: Readonly<Record<string, number>>;
  createSocket(options: { readonly protocol: number; readonly bufferSize: number }): RawSocket;
}
interface RawSocket {
  setOption(level: number, option: number, value: Buffer, length: number): void;
  send(
    buffer: Buffer,
    offset: number,
    length: number,
    address: string,
    done: (error: Error | null, bytes: number) => void,
  ): void;
  on(event: 'message', listener: (buffer: Buffer, source: string) => void): void;
  on(event: 'error' | 'close', listener: (error: Error) => void): void;
  close(): void;
}

const HEADER = ethernet.HEADER_LENGTH;
/** Conversations whose answers are let in. */
const MAXIMUM_CONVERSATIONS = 4096;
/** Packets that wait for the lab's next turn. */
const MAXIMUM_WAITING = 1024;
const LARGEST_PACKET = 65_535;
/** Where the checksum stands in a UDP header. */
const UDP_CHECKSUM = 6;

let raw: RawSocketModule | null = null;

/** A host of the lab that speaks through raw sockets of this machine. */
export class RawPort implements AttachedDevice {
  readonly #site: AttachmentSite;
  readonly #spec: RawAttachment;
  readonly #sockets: RawSocket[] = [];
  readonly #waiting: Uint8Array[] = [];
  /** Oldest first: 'protocol remote ports'. */
  readonly #conversations = new Set<string>();
  /** Bound to the lab's UDP ports, so that the kernel does not answer for them with port unreachable. */
  readonly #placeholders = new Map<number, DatagramSocket>();
  #port: Port | null = null;
  #ring: () => void = () => {};
  readonly #sendFinished = (frame: Frame): void => this.#send(frame);

  /** Loads the native addon. @throws EgressLabError EGL_ATTACH_NO_RAW_SOCKET where it was not built. */
  static async load(): Promise<void> {
    if (raw !== null) return;
    const name = 'raw-socket';
    try {
      const module: { readonly default: RawSocketModule } = await import(name);
      raw = module.default;
    } catch (cause) {
      throw new EgressLabError(
        'EGL_ATTACH_NO_RAW_SOCKET',
        'the optional package "raw-socket" is not installed (npm could not build it)',
        {
          hint: 'Install python3, make and g++, then `npm install raw-socket`; or attach by `tun:`, which needs no compiler.',
          fault: 'environment',
          cause,
        },
      );
    }
  }

  /** @throws EgressLabError EGL_ATTACH_PERMISSION */
  constructor(site: AttachmentSite, spec: RawAttachment, ring: () => void) {
    this.#site = site;
    this.#spec = spec;
    this.#ring = ring;
    try {
      for (const protocol of [IpProtocol.Icmp, IpProtocol.Udp]) this.#open(protocol);
    } catch (cause) {
      this.close();
      throw new EgressLabError(
        'EGL_ATTACH_PERMISSION',
        `raw sockets for ${spec.name} need CAP_NET_RAW: ${cause instanceof Error ? cause.message : String(cause)}`,
        {
          hint: 'Run it with sudo, or once `sudo setcap cap_net_raw+ep "$(readlink -f "$(command -v node)")"`.',
          fault: 'environment',
          cause,
        },
      );
    }
  }

  plugged(port: Port, _link: Link): void {
    this.#port = port;
    const details = `raw sockets as ${this.#spec.name}`;
    this.#site.events.emit(KERNEL, 'attached', { device: this.#spec.name, details });
  }

  carrierChanged(): void {}

  /** From the lab to the network of this machine. */
  receive(frame: Frame): void {
    if (frame.offload === null) this.#send(frame);
    else finishFrame(this.#site.arena, frame, this.#sendFinished);
  }

  /** Hands over what has arrived since the last turn. */
  deliver(): void {
    for (const packet of this.#waiting.splice(0)) {
      const frame = this.#site.arena.allocate(HEADER + packet.length);
      ethernet.emit(frame, this.#site.hostMac ?? ZERO_MAC, ZERO_MAC, EtherType.Ipv4);
      frame.bytes.set(packet, frame.start + HEADER);
      frame.offload = unfinishedChecksum(frame);
      this.#port?.transmit(frame);
    }
  }

  close(): void {
    for (const socket of this.#sockets.splice(0)) socket.close();
    for (const socket of this.#placeholders.values()) socket.close();
    this.#placeholders.clear();
  }

  #open(protocol: number): void {
    if (raw === null) return;
    const socket = raw.createSocket({ protocol, bufferSize: LARGEST_PACKET });
    this.#sockets.push(socket);
    const { IPPROTO_IP = 0 } = raw.SocketLevel;
    const { IP_HDRINCL = 3 } = raw.SocketOption;
    const on = Buffer.alloc(4);
    on.writeInt32LE(1);
    socket.setOption(IPPROTO_IP, IP_HDRINCL, on, on.length);
    socket.on('message', (packet) => this.#arrive(packet));
    socket.on('error', () => {});
  }

  #send(frame: Frame): void {
    const { drops } = this.#site;
    const l3 = frame.start + HEADER;
    const isIpv4 = frame.length > HEADER && ethernet.etherType(frame) === EtherType.Ipv4;
    if (!isIpv4 || ipv4.check(frame, l3) !== null) {
      drops.count(StackDrop.BadIpv4Header, this.#spec.name, frame);
      return;
    }
    const protocol = ipv4.protocol(frame, l3);
    const [socket] = this.#sockets;
    const isCarried = protocol === IpProtocol.Icmp || protocol === IpProtocol.Udp;
    if (socket === undefined || !isCarried) {
      drops.count(StackDrop.UnknownProtocol, this.#spec.name, frame);
      return;
    }
    this.#remember(frame, l3);
    const packet = Buffer.from(frame.bytes.slice(l3, l3 + ipv4.totalLength(frame, l3)));
    const to = formatIpv4(ipv4.destination(frame, l3));
    socket.send(packet, 0, packet.length, to, (error) => {
      if (error !== null) drops.count(LinkDrop.TooBig, this.#spec.name, frame);
    });
  }

  #arrive(packet: Buffer): void {
    if (this.#waiting.length >= MAXIMUM_WAITING) {
      this.#site.drops.count(LinkDrop.QueueFull, this.#spec.name, null);
      return;
    }
    // Linux hands raw sockets a packet with its own header, whatever the protocol (raw(7)).
    // The buffer is the package's own and used again.
    const bytes = new Uint8Array(packet);
    const frame = new Frame(bytes, new DataView(bytes.buffer), 0, bytes.length, 0);
    if (!this.#isAnswer(frame)) return;
    this.#waiting.push(bytes);
    this.#ring();
  }

  #remember(frame: Frame, l3: number): void {
    const key = conversation(frame, l3, ipv4.destination(frame, l3), false);
    if (key === null) return;
    this.#conversations.delete(key);
    this.#conversations.add(key);
    if (this.#conversations.size > MAXIMUM_CONVERSATIONS) {
      const [oldest] = this.#conversations;
      if (oldest !== undefined) this.#conversations.delete(oldest);
    }
    if (ipv4.protocol(frame, l3) === IpProtocol.Udp && ipv4.fragmentOffset(frame, l3) === 0) {
      this.#occupy(frame.view.getUint16(l3 + ipv4.headerLength(frame, l3)));
    }
  }

  #occupy(port: number): void {
    if (this.#placeholders.has(port) || this.#placeholders.size >= MAXIMUM_CONVERSATIONS) return;
    const socket = createSocket('udp4');
    // A port in use has a program that answers for it.
    socket.on('error', () => {});
    socket.bind({ port, address: this.#spec.name, exclusive: true });
    socket.unref();
    this.#placeholders.set(port, socket);
  }

  #isAnswer(frame: Frame): boolean {
    if (ipv4.check(frame, 0) !== null) return false;
    if (ipv4.destination(frame, 0) !== this.#spec.address) return false;
    const l4 = ipv4.headerLength(frame, 0);
    const isError =
      ipv4.protocol(frame, 0) === IpProtocol.Icmp &&
      frame.length >= l4 + icmp.HEADER_LENGTH + ipv4.HEADER_LENGTH &&
      !icmp.isQuery(icmp.type(frame, l4));
    const key = isError
      ? conversation(frame, l4 + icmp.HEADER_LENGTH, null, false)
      : conversation(frame, 0, ipv4.source(frame, 0), true);
    return key !== null && this.#conversations.has(key);
  }
}

/** From a neighbor on this very machine a datagram comes with its checksum unfinished (CHECKSUM_PARTIAL). */
function unfinishedChecksum(frame: Frame): Offload | null {
  const l3 = frame.start + HEADER;
  const l4 = l3 + ipv4.headerLength(frame, l3);
  if (ipv4.protocol(frame, l3) !== IpProtocol.Udp || ipv4.isFragment(frame, l3)) return null;
  if (l4 + udp.HEADER_LENGTH > frame.end) return null;
  const [source, destination] = [ipv4.source(frame, l3), ipv4.destination(frame, l3)];
  const pseudo = checksum.pseudoHeader(source, destination, IpProtocol.Udp, frame.end - l4);
  if (udp.headerChecksum(frame, l4) !== (~checksum.finish(pseudo) & 0xffff)) return null;
  const checksumStart = l4 - frame.start;
  return { segmentSize: 0, checksumStart, checksumOffset: UDP_CHECKSUM, hasCwr: false };
}

/** What identifies an exchange of packets; null for a packet that belongs to none. A quote names its own remote end. */
function conversation(
  frame: Frame,
  l3: number,
  remote: number | null,
  isAnswer: boolean,
): string | null {
  const protocol = ipv4.protocol(frame, l3);
  const l4 = l3 + ipv4.headerLength(frame, l3);
  if (l4 + 8 > frame.end) return null;
  const peer = remote ?? ipv4.destination(frame, l3);
  if (protocol === IpProtocol.Udp) {
    const ports = [frame.view.getUint16(l4), frame.view.getUint16(l4 + 2)];
    return `${protocol} ${peer} ${(isAnswer ? ports.reverse() : ports).join(' ')}`;
  }
  if (protocol !== IpProtocol.Icmp || !icmp.isQuery(icmp.type(frame, l4))) return null;
  return `${protocol} ${peer} ${icmp.identifier(frame, l4)}`;
}
