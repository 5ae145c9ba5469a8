// Random sequences of frames, from a seed: mostly sensible, so that they get deep into the host, with
// one thing wrong here and there. Conversations remember their sequence numbers, ICMP errors quote
// what went before, and replies are aimed at what NAT should have made of a packet.

import type { Random } from '../../src/sim/random.ts';
import { arp, concat, ethernet, type IpFields, icmp, ipv4, tcp, udp } from './build.ts';
import { type FuzzCase, fromHex, type HostConfig, type Step, toHex } from './case.ts';
import {
  configuration,
  EGRESS_ADDRESS,
  MAC0,
  MAC1,
  PEERS,
  type Peer,
  plausible,
  TCP_PORT,
  UDP_PORT,
} from './configuration.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const ZERO = '00:00:00:00:00:00';
const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;
/** A wait is longer than one second (locktime, first retransmissions) or two (UDP streams). */
const WAITS = [1_300, 2_300];
const ODD_ADDRESSES = [
  '0.0.0.0',
  '0.1.2.3',
  '127.0.0.1',
  '127.1.2.3',
  '224.0.0.1',
  '224.0.0.18',
  '239.1.1.1',
  '240.0.0.1',
  '255.255.255.255',
  '10.1.0.0',
  '10.1.0.255',
  '10.2.255.255',
  '192.0.2.0',
  '192.0.2.255',
  '169.254.1.1',
];
const PLACES = [
  '198.51.100.10',
  '203.0.113.5',
  '203.0.113.70',
  '203.0.113.140',
  '10.1.0.99',
  '192.0.2.77',
  '10.3.0.7',
  '10.2.7.7',
  '198.18.0.1',
];
const OPTIONS = [
  '01010101',
  '00000000',
  '94040000',
  '440405f0',
  '83070400000000',
  '830704c0000201',
  '890704c0000201',
  '01ff0000',
  '07000000',
  '070203',
  '070605000000',
  '94030000',
];

interface Flow {
  readonly client: Peer;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** What the answers are sent to. */
  readonly outside: string;
  readonly isLocal: boolean;
  clientNext: number;
  serverNext: number;
}

/** Case `number` of a seed. */
export function generate(random: Random, origin: string): FuzzCase {
  const config = plausible(configuration(random.fork('configuration')));
  return { origin, config, steps: new Generator(random.fork('steps'), config).steps() };
}

class Generator {
  readonly #random: Random;
  readonly #config: HostConfig;
  readonly #steps: Step[] = [];
  /** IPv4 packets so far, for quotes. */
  readonly #packets: Uint8Array[] = [];
  readonly #flows: Flow[] = [];

  constructor(random: Random, config: HostConfig) {
    this.#random = random;
    this.#config = config;
  }

  steps(): readonly Step[] {
    const random = this.#random;
    const isSlow = random.chance(0.12);
    if (random.chance(0.85)) this.#introduce();
    const count = random.integer(1, 14);
    const focus = random.integer(0, 7);
    for (let i = 0; i < count; i++) this.#next(random.chance(0.5) ? focus : random.integer(0, 7));
    if (!isSlow) return this.#steps;
    return this.#steps.map((step) =>
      random.chance(0.2) ? { ...step, wait: random.pick(WAITS) } : step,
    );
  }

  #next(kind: number): void {
    if (kind === 0) this.#arp();
    else if (kind === 1) this.#echo();
    else if (kind === 2) this.#icmpOther();
    else if (kind === 3) this.#icmpError();
    else if (kind === 4) this.#udp();
    else if (kind <= 6) this.#tcp();
    else if (this.#random.chance(0.5)) this.#fragments();
    else this.#otherProtocol();
  }

  #push(on: string, octets: Uint8Array, follows = false): void {
    const step: Step = { on, frame: toHex(octets), wait: 0 };
    this.#steps.push(follows ? { ...step, follows: true } : step);
  }

  /** Everybody asks for the host once, so that it knows them. */
  #introduce(): void {
    for (const { on, address, mac } of PEERS) {
      if (this.#random.chance(0.1)) continue;
      const body = arp({
        operation: 1,
        senderMac: mac,
        senderIp: address,
        targetMac: ZERO,
        targetIp: on === 'eth0' ? '10.1.0.1' : '192.0.2.1',
      });
      this.#push(on, ethernet({ to: BROADCAST, from: mac, type: 0x0806 }, body));
    }
  }

  #arp(): void {
    const random = this.#random;
    const peer = random.pick(PEERS);
    const own = peer.on === 'eth0' ? MAC0 : MAC1;
    const senderIp = random.chance(0.75) ? peer.address : this.#anyAddress();
    const senderMac = random.chance(0.8)
      ? peer.mac
      : random.pick([own, ZERO, BROADCAST, '01:00:5e:00:00:01', '02:00:00:00:09:09']);
    const isGratuitous = random.chance(0.2);
    const targetIp = isGratuitous
      ? senderIp
      : random.chance(0.6)
        ? peer.on === 'eth0'
          ? '10.1.0.1'
          : '192.0.2.1'
        : this.#anyAddress();
    let body = arp({
      operation: random.chance(0.9) ? random.integer(1, 2) : random.pick([0, 3, 4, 8, 9, 0x100]),
      senderMac,
      senderIp,
      targetMac: random.pick([ZERO, ZERO, BROADCAST, own, own, senderMac, '02:00:00:00:09:09']),
      targetIp,
      ...(random.chance(0.05) ? { hardware: random.pick([0, 6, 7, 24]) } : {}),
      ...(random.chance(0.03) ? { protocol: random.pick([0x0806, 0x86dd, 0]) } : {}),
      ...(random.chance(0.03) ? { hardwareLength: random.pick([0, 5, 8]) } : {}),
      ...(random.chance(0.03) ? { protocolLength: random.pick([0, 6, 16]) } : {}),
    });
    if (random.chance(0.04)) body = body.subarray(0, random.integer(0, body.length - 1));
    else if (random.chance(0.1)) body = concat(body, new Uint8Array(18));
    const to = random.chance(0.5)
      ? BROADCAST
      : random.pick([own, own, own, '02:00:00:00:09:09', '01:00:5e:00:00:01']);
    const from = random.chance(0.95) ? senderMac : peer.mac;
    this.#push(peer.on, ethernet({ to, from, type: 0x0806 }, body));
  }

  /** Any address that may mean something to the host. */
  #anyAddress(): string {
    const random = this.#random;
    const draw = random.unit();
    if (draw < 0.3) return random.pick(PEERS).address;
    if (draw < 0.55) return random.pick(['10.1.0.1', '192.0.2.1', EGRESS_ADDRESS, '10.1.0.2']);
    return draw < 0.8 ? random.pick(PLACES) : random.pick(ODD_ADDRESSES);
  }

  /** Where a packet from a peer goes: through the host, to it, or somewhere odd. */
  #ends(peer: Peer): { readonly source: string; readonly destination: string } {
    const random = this.#random;
    const source = random.chance(0.92) ? peer.address : this.#anyAddress();
    const draw = random.unit();
    const own = peer.on === 'eth0' ? '10.1.0.1' : '192.0.2.1';
    if (draw < 0.3) return { source, destination: own };
    if (draw < 0.6) {
      const others = PEERS.filter(({ on }) => on !== peer.on);
      return { source, destination: random.pick(others).address };
    }
    if (draw < 0.75) return { source, destination: random.pick(PLACES) };
    return { source, destination: this.#anyAddress() };
  }

  #header(peer: Peer, protocol: number): IpFields {
    const random = this.#random;
    return {
      ...this.#ends(peer),
      protocol,
      id: random.integer(1, 0xffff),
      ...this.#quirks(),
    };
  }

  /** What may be odd in a header, mostly nothing. */
  #quirks(): Partial<IpFields> {
    const random = this.#random;
    return {
      ...(random.chance(0.12) ? { ttl: random.pick([0, 1, 1, 2, 255]) } : {}),
      ...(random.chance(0.1) ? { tos: random.integer(0, 255) } : {}),
      ...(random.chance(0.15) ? { fragment: random.pick([0x4000, 0x4000, 0x8000, 0xc000]) } : {}),
      ...(random.chance(0.06) ? { options: this.#options() } : {}),
      ...(random.chance(0.015) ? { version: random.pick([0, 3, 5, 6]) } : {}),
      ...(random.chance(0.015) ? { headerWords: random.pick([0, 4, 6, 15]) } : {}),
      ...(random.chance(0.03) ? { totalLength: random.integer(0, 120) } : {}),
      ...(random.chance(0.02) ? { checksumError: random.pick([1, 0x8000, 0xffff]) } : {}),
    };
  }

  #options(): Uint8Array {
    return padded(this.#random.pick(OPTIONS));
  }

  #data(): Uint8Array {
    const random = this.#random;
    const length = random.chance(0.1)
      ? random.integer(500, 1_472)
      : random.chance(0.2)
        ? 0
        : random.integer(1, 48);
    return Uint8Array.from({ length }, () => random.integer(0, 255));
  }

  #checksumError(): { readonly checksumError?: number } {
    const random = this.#random;
    return random.chance(0.04) ? { checksumError: random.pick([1, 0x0100, 0xffff]) } : {};
  }

  /** Into a frame that is for the host, mostly. */
  #send(peer: Peer, fields: IpFields, payload: Uint8Array, follows = false): void {
    const random = this.#random;
    const packet = ipv4(fields, payload);
    const mtu = this.#config.interfaces.find(({ name }) => name === peer.on)?.mtu ?? 0;
    if (packet.length > mtu) return;
    this.#packets.push(packet);
    const own = peer.on === 'eth0' ? MAC0 : MAC1;
    const to = random.chance(0.96)
      ? own
      : random.pick([BROADCAST, '01:00:5e:00:00:01', '02:00:00:00:09:09', ZERO]);
    const from = random.chance(0.98) ? peer.mac : random.pick([own, BROADCAST, ZERO]);
    const body = random.chance(0.02)
      ? packet.subarray(0, random.integer(1, packet.length))
      : random.chance(0.05)
        ? concat(packet, new Uint8Array(random.integer(1, 20)).fill(0xee))
        : packet;
    const type = random.chance(0.995) ? 0x0800 : random.pick([0x0806, 0x86dd, 0x0805]);
    this.#push(peer.on, ethernet({ to, from, type }, body), follows);
  }

  #echo(): void {
    const random = this.#random;
    const peer = random.pick(PEERS);
    const type = random.chance(0.8) ? 8 : 0;
    const rest = (random.integer(1, 3) * 0x1_0000 + random.integer(0, 0xffff)) >>> 0;
    const fields = { type, code: random.chance(0.95) ? 0 : 5, rest, ...this.#checksumError() };
    const header = this.#header(peer, 1);
    this.#send(peer, header, icmp(fields, this.#data()));
    if (type !== 8 || random.chance(0.6)) return;
    const back = { ...fields, type: 0 };
    this.#answer(header, icmp(back, this.#data()));
  }

  /** From whoever a packet was for, to whom it seemed to come from. */
  #answer({ source, destination, protocol }: IpFields, payload: Uint8Array): void {
    const peer = PEERS.find(({ address }) => address === destination) ?? PEERS[3];
    if (peer === undefined) return;
    const fields = { source: destination, destination: this.#outside(source, peer.on), protocol };
    this.#send(peer, { ...fields, id: this.#random.integer(1, 0xffff) }, payload);
  }

  /** What NAT should make of a source, as seen from an interface. */
  #outside(source: string, on: string): string {
    const { nat } = this.#config;
    if (nat === null || on !== nat.out || !source.startsWith('10.1.0.')) return source;
    return nat.to ?? '192.0.2.1';
  }

  #icmpOther(): void {
    const random = this.#random;
    const peer = random.pick(PEERS);
    const type = random.pick([9, 10, 13, 13, 14, 15, 16, 17, 17, 18, 30, 40, 42, 255, 1, 2, 6, 7]);
    const data = random.chance(0.7) ? new Uint8Array(12).fill(7) : this.#data();
    const fields = { type, code: random.chance(0.9) ? 0 : 3, rest: random.uint32() };
    const whole = icmp({ ...fields, ...this.#checksumError() }, data);
    const body = random.chance(0.1) ? whole.subarray(0, random.integer(0, 7)) : whole;
    this.#send(peer, this.#header(peer, 1), body);
  }

  #icmpError(): void {
    const random = this.#random;
    const peer = random.pick(PEERS);
    const type = random.pick([3, 3, 3, 3, 4, 5, 11, 11, 12]);
    const code = type === 3 ? random.integer(0, 16) : random.integer(0, 3);
    const header = this.#header(peer, 1);
    let quote = this.#quote(header.source);
    if (random.chance(0.3)) quote = quote.subarray(0, random.pick([0, 8, 19, 20, 24, 27, 28, 36]));
    const rest = type === 5 ? 0xc000_020a : type === 3 && code === 4 ? 1_200 : 0;
    const fields = { type, code, rest, ...this.#checksumError() };
    const known = this.#quotedSource(quote);
    const destination = random.chance(0.8) && known !== null ? known : header.destination;
    this.#send(peer, { ...header, destination }, icmp(fields, quote));
  }

  /** A packet from before, as it may have been when it left; or one of the host's own. */
  #quote(source: string): Uint8Array {
    const random = this.#random;
    const before = this.#packets.filter((packet) => packet.length >= 28 && packet.length < 600);
    if (before.length === 0 || random.chance(0.15)) {
      const fields = {
        source: '10.1.0.1',
        destination: source,
        protocol: random.pick([1, 6, 17, 2]),
      };
      return ipv4({ ...fields, id: 7 }, new Uint8Array(24).fill(1));
    }
    const packet = random.pick(before).slice();
    if (random.chance(0.3)) return packet;
    const from = [...packet.subarray(12, 16)].join('.');
    const outside = this.#outside(from, 'eth1').split('.').map(Number);
    packet.set(outside, 12);
    return packet;
  }

  #quotedSource(quote: Uint8Array): string | null {
    return quote.length < 20 ? null : [...quote.subarray(12, 16)].join('.');
  }

  #udp(): void {
    const random = this.#random;
    const peer = random.pick(PEERS);
    const header = this.#header(peer, 17);
    const ports = {
      sourcePort: random.pick([40_000, 40_000, 40_001, 53, 600, 0]),
      destinationPort: random.pick([UDP_PORT, 53, 53, 33_434, 0]),
    };
    const data = this.#data();
    const whole = udp(
      header,
      {
        ...ports,
        ...(random.chance(0.06) ? { length: random.pick([0, 4, 7, 8, 9, 2_000]) } : {}),
        ...(random.chance(0.08) ? { checksum: 'none' } : {}),
        ...this.#checksumError(),
      },
      data,
    );
    const body = random.chance(0.04) ? whole.subarray(0, random.integer(0, 12)) : whole;
    this.#send(peer, header, body);
    if (random.chance(0.6)) return;
    const back = { sourcePort: ports.destinationPort, destinationPort: ports.sourcePort };
    const answer = {
      ...header,
      source: header.destination,
      destination: this.#outside(header.source, 'eth1'),
    };
    this.#answer(header, udp(answer, back, this.#data()));
  }

  #tcp(): void {
    const random = this.#random;
    if (this.#flows.length === 0 || random.chance(0.3)) this.#open();
    else this.#continue(random.pick(this.#flows));
  }

  #open(): void {
    const random = this.#random;
    const client = random.pick(PEERS);
    const header = this.#header(client, 6);
    const flow: Flow = {
      client,
      source: header.source,
      destination: header.destination,
      sourcePort: random.pick([50_000, 50_000, 50_001, 700, 0]),
      destinationPort: random.pick([TCP_PORT, TCP_PORT, 81, 80]),
      outside: this.#outside(header.source, 'eth1'),
      isLocal: ['10.1.0.1', '192.0.2.1', EGRESS_ADDRESS, '10.1.0.2'].includes(header.destination),
      clientNext: random.uint32(),
      serverNext: random.uint32(),
    };
    this.#flows.push(flow);
    const flags = random.chance(0.85) ? SYN : random.integer(0, 255);
    this.#segment(flow, header, flags, random.chance(0.9) ? new Uint8Array(0) : this.#data());
    flow.clientNext = (flow.clientNext + 1) >>> 0;
    if (random.chance(0.5)) return;
    if (!flow.isLocal) this.#reply(flow, SYN | ACK, new Uint8Array(0));
    flow.serverNext = (flow.serverNext + 1) >>> 0;
    if (random.chance(0.8)) this.#segment(flow, this.#again(flow), ACK, new Uint8Array(0));
  }

  #again({ source, destination }: Flow): IpFields {
    return { source, destination, protocol: 6, id: this.#random.integer(1, 0xffff) };
  }

  #continue(flow: Flow): void {
    const random = this.#random;
    const flags = random.chance(0.75)
      ? random.pick([ACK, ACK, PSH | ACK, FIN | ACK, RST, RST | ACK, SYN, SYN | ACK])
      : random.integer(0, 255);
    const data =
      (flags & (SYN | RST)) === 0 && random.chance(0.5) ? this.#data() : new Uint8Array(0);
    if (!flow.isLocal && random.chance(0.4)) {
      this.#reply(flow, flags, data);
      return;
    }
    const header = random.chance(0.9)
      ? this.#again(flow)
      : { ...this.#again(flow), ...this.#quirks() };
    this.#segment(flow, header, flags, data);
    const octets = data.length + (flags & FIN ? 1 : 0);
    if (random.chance(0.9)) flow.clientNext = (flow.clientNext + octets) >>> 0;
  }

  /** From the client of a flow. */
  #segment(flow: Flow, header: IpFields, flags: number, data: Uint8Array): void {
    const random = this.#random;
    const isFirst = flags === SYN;
    const follows = flow.isLocal && !isFirst && random.chance(0.9);
    const acknowledgment = flags & ACK ? (follows ? 1 : flow.serverNext) : 0;
    const off = random.chance(0.1) ? random.pick([-1, 1, -1000, 1000, 70_000, 2_000_000]) : 0;
    const offAcknowledgment = random.chance(0.06) ? random.pick([-1, 1, 1000, 0x4000_0000]) : 0;
    const fields = {
      sourcePort: flow.sourcePort,
      destinationPort: flow.destinationPort,
      sequence: (flow.clientNext + off) >>> 0,
      acknowledgment: (acknowledgment + offAcknowledgment) >>> 0,
      flags,
      window: random.chance(0.9) ? 0xfaf0 : random.pick([0, 1, 0xffff]),
      ...(random.chance(0.04) ? { urgent: 3 } : {}),
      ...(random.chance(0.4) ? { options: this.#tcpOptions(isFirst) } : {}),
      ...(random.chance(0.02) ? { headerWords: random.pick([0, 4, 15]) } : {}),
      ...this.#checksumError(),
    };
    const whole = tcp(header, fields, data);
    const body = random.chance(0.02) ? whole.subarray(0, random.integer(0, 19)) : whole;
    this.#send(flow.client, header, body, follows && (flags & ACK) !== 0);
  }

  #tcpOptions(isSyn: boolean): Uint8Array {
    const random = this.#random;
    if (!isSyn) return fromHex(random.pick(['01010101', '0101050a0000000100000002', '00000000']));
    return padded(
      random.pick(['020405b4', '020405b40402', '020405b401030307', '020400400103030e', '0204']),
    );
  }

  /** From the server of a flow that goes through the host. */
  #reply(flow: Flow, flags: number, data: Uint8Array): void {
    const random = this.#random;
    const ends = { source: flow.destination, destination: flow.outside, protocol: 6 };
    const fields = {
      sourcePort: flow.destinationPort,
      destinationPort: flow.sourcePort,
      sequence: flow.serverNext,
      acknowledgment: flags & ACK ? flow.clientNext : 0,
      flags,
      window: random.chance(0.9) ? 0xfaf0 : random.pick([0, 1, 0xffff]),
    };
    this.#answer(
      { ...ends, source: flow.source, destination: flow.destination },
      tcp(ends, fields, data),
    );
    const octets = data.length + (flags & FIN ? 1 : 0);
    if (flags !== (SYN | ACK)) flow.serverNext = (flow.serverNext + octets) >>> 0;
  }

  #otherProtocol(): void {
    const random = this.#random;
    const peer = random.pick(PEERS);
    this.#send(peer, this.#header(peer, random.pick([0, 2, 50, 99, 253, 255])), this.#data());
  }

  /** A datagram in pieces: in order or not, whole or not, some of them overlapping. */
  #fragments(): void {
    const random = this.#random;
    const peer = random.pick(PEERS);
    const header = this.#header(peer, random.pick([1, 17]));
    const data = Uint8Array.from({ length: random.integer(16, 400) }, (_none, i) => i & 0xff);
    const whole =
      header.protocol === 1
        ? icmp({ type: 8, code: 0, rest: 0x0005_0001, ...this.#checksumError() }, data)
        : udp(header, { sourcePort: 40_000, destinationPort: random.pick([UDP_PORT, 53]) }, data);
    const cuts: number[] = [0];
    while ((cuts.at(-1) ?? 0) < whole.length && cuts.length < 5) {
      cuts.push((cuts.at(-1) ?? 0) + 8 * random.integer(1, 20));
    }
    const pieces = cuts.slice(0, -1).map((from, i) => {
      const isLast = i === cuts.length - 2;
      const end = isLast ? whole.length : Math.min(whole.length, cuts[i + 1] ?? whole.length);
      const overlap = random.chance(0.08) && !isLast ? 8 : 0;
      const more = isLast ? 0 : 0x2000;
      const flags = random.chance(0.1) ? 0x4000 : 0;
      return {
        from,
        fragment: more | flags | (from / 8),
        body: whole.subarray(from, end + overlap),
      };
    });
    const order = random.chance(0.3) ? random.shuffle(pieces) : pieces;
    for (const { fragment, body } of order) {
      if (random.chance(0.06)) continue;
      const { ttl = 64 } = header;
      this.#send(peer, { ...header, fragment, ttl }, body);
      if (random.chance(0.05)) this.#send(peer, { ...header, fragment, ttl }, body);
    }
  }
}

/** Options end where a word does. */
function padded(text: string): Uint8Array {
  const octets = fromHex(text);
  return concat(octets, new Uint8Array((4 - (octets.length % 4)) % 4));
}
