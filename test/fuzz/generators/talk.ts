// Two who talk through the host, each answering what it hears: the packet that the host made of the
// other's, whatever port or identifier NAT has drawn for it. Packets are told apart by their IPv4
// identifications, which a router leaves alone.

import { type IpFields, icmp } from '../build.ts';
import type { Reaction } from '../case.ts';
import { PEERS, type Peer } from '../configuration.ts';
import { outside, senderFor } from './addresses.ts';
import { checksumQuirk, headerQuirks } from './malformations.ts';
import type { Dependence, Script } from './script.ts';

/** A conversation, one packet at a time. */
export interface Talk {
  readonly wire: TalkWire;
  next(): void;
}

export type Kind = 'icmp' | 'tcp' | 'udp';
export type Side = 'client' | 'server';
/** The payload of a packet between these two addresses. */
export type Payload = (ends: IpFields) => Uint8Array;

const PROTOCOLS = { icmp: 1, tcp: 6, udp: 17 } as const;
/** Octets of a quote: RFC 792's eight behind the header, and what cuts into something. */
const QUOTED = [28, 28, 28, 28, 20, 24, 27, 36, 40, 44, 300];
/** [offset, difference]: length, TTL, checksums, addresses, ports, numbers. */
const SPOILED: readonly (readonly [number, number])[] = [
  [2, 0x0101],
  [8, 0x0100],
  [10, 0x0101],
  [14, 0x0101],
  [18, 0x0101],
  [20, 0x0101],
  [22, 0x0101],
  [24, 0x0101],
  [26, 0x0101],
  [36, 0x0101],
];
const MORE_FRAGMENTS = 0x2000;
const ERRORS: readonly (readonly [number, number, number])[] = [
  [3, 0, 0],
  [3, 1, 0],
  [3, 3, 0],
  [3, 3, 0],
  [3, 13, 0],
  [3, 4, 1_200],
  [3, 4, 600],
  [3, 4, 0],
  [11, 0, 0],
  [11, 1, 0],
  [12, 0, 0],
  [4, 0, 0],
  [5, 1, 0xc000_020a],
];

/** Between whom, and with what ports, where there are some. */
export interface TalkEnds {
  readonly client: Peer;
  readonly server: string;
  readonly clientPort: number;
  readonly serverPort: number;
}

/** The wire under a conversation: sends packets either way and remembers the last ones. */
export class TalkWire {
  readonly client: Peer;
  /** Who sends for the server. */
  readonly far: Peer;
  readonly #script: Script;
  readonly #kind: Kind;
  readonly #server: string;
  /** By who sent it: the identification of the last packet. */
  readonly #last: Record<Side, number | null> = { client: null, server: null };

  constructor(script: Script, kind: Kind, { client, server }: TalkEnds) {
    this.#script = script;
    this.#kind = kind;
    this.client = client;
    this.#server = server;
    this.far = senderFor(server);
  }

  /** Whether this side has anything to answer. */
  hears(side: Side): boolean {
    return this.#last[side === 'client' ? 'server' : 'client'] !== null;
  }

  /** From the client, who knows all about its packet. */
  begin(payload: Payload): void {
    const { random } = this.#script;
    const fields = {
      source: this.client.address,
      destination: this.#server,
      protocol: PROTOCOLS[this.#kind],
      id: this.#script.identification(),
      ...(random.chance(0.08) ? headerQuirks(random) : {}),
      ...(random.chance(0.3) ? { fragment: 0x4000 } : {}),
    };
    this.#send(this.client, fields, payload(fields));
    this.#last.client = fields.id;
  }

  /** From the server, unasked, to what the client is probably called outside. */
  intrude(payload: Payload): void {
    const fields = {
      source: this.#server,
      destination: outside(this.#script.config, this.client.address, this.far.on),
      protocol: PROTOCOLS[this.#kind],
      id: this.#script.identification(),
    };
    this.#send(this.far, fields, payload(fields));
  }

  /** To the last packet that the host delivered from the other side. */
  answer(side: Side, payload: Payload, keeps?: Reaction['keeps']): void {
    const { random, config } = this.#script;
    const peer = side === 'client' ? this.client : this.far;
    const fields = {
      source: side === 'client' ? this.client.address : this.#source(keeps),
      destination:
        side === 'client' ? this.#server : outside(config, this.client.address, this.far.on),
      protocol: PROTOCOLS[this.#kind],
      id: this.#script.identification(),
      ...(random.chance(0.08) ? headerQuirks(random) : {}),
    };
    const reacts = this.#reaction('answer', side);
    if (reacts === null) return;
    const wanted = keeps === undefined ? reacts : { ...reacts, keeps };
    this.#send(peer, fields, payload(fields), { reacts: wanted });
    this.#last[side] = fields.id;
  }

  /** Mostly whole, else in two fragments, possibly the wrong way round. */
  #send(peer: Peer, fields: IpFields, payload: Uint8Array, dependence: Dependence = {}): void {
    const { random } = this.#script;
    const cut = 8 * random.integer(3, 8);
    if (payload.length <= cut || fields.fragment !== undefined || !random.chance(0.06)) {
      this.#script.send(peer, fields, payload, dependence);
      return;
    }
    const pieces: (readonly [number, Uint8Array])[] = [
      [MORE_FRAGMENTS, payload.subarray(0, cut)],
      [cut / 8, payload.subarray(cut)],
    ];
    for (const [fragment, piece] of random.chance(0.3) ? pieces.toReversed() : pieces) {
      this.#script.send(peer, { ...fields, fragment }, piece, dependence);
    }
  }

  #source(keeps: Reaction['keeps']): string {
    if (keeps !== 'source') return this.#server;
    return this.#script.random.pick(PEERS.filter(({ on }) => on === this.far.on)).address;
  }

  /** Somebody on this side could not deliver what came from the other. */
  error(side: Side): void {
    const { random } = this.#script;
    const peer = side === 'client' ? this.client : this.far;
    const reacts = this.#reaction('error', side);
    if (reacts === null) return;
    const neighbors = PEERS.filter(({ on }) => on === peer.on).map(({ address }) => address);
    const [type, code, rest] = random.pick(ERRORS);
    const fields = {
      source: random.chance(0.6)
        ? side === 'client'
          ? peer.address
          : this.#server
        : random.pick(neighbors),
      destination: '0.0.0.0',
      protocol: PROTOCOLS.icmp,
      id: this.#script.identification(),
      ...(random.chance(0.05) ? headerQuirks(random) : {}),
    };
    const header = icmp({ type, code, rest, ...checksumQuirk(random) }, new Uint8Array(0));
    this.#script.send(peer, fields, header, {
      reacts: {
        ...reacts,
        quoted: random.pick(QUOTED),
        ...(random.chance(0.2) ? { spoiled: random.pick(SPOILED) } : {}),
      },
    });
  }

  #reaction(how: Reaction['with'], side: Side): Reaction | null {
    const { random } = this.#script;
    const id = this.#last[side === 'client' ? 'server' : 'client'];
    if (id === null) return null;
    const { on } = side === 'client' ? this.client : this.far;
    return { with: how, on, kind: this.#kind, id, ...(random.chance(0.02) ? { back: 1 } : {}) };
  }
}
