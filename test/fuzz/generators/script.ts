// The steps of a case while it is being written: what every generator adds to, what it may look back
// on, and the damage that frames of any kind may take.

import type { Random } from '../../../src/sim/random.ts';
import { concat, ethernet, type IpFields, ipv4 } from '../build.ts';
import { type HostConfig, type Step, toHex } from '../case.ts';
import { PEERS, type Peer } from '../configuration.ts';
import {
  anyEnds,
  BROADCAST_MAC,
  MULTICAST_MAC,
  ownMac,
  STRANGE_MAC,
  ZERO_MAC,
} from './addresses.ts';
import { headerQuirks } from './malformations.ts';

/** How a step depends on what came out before. */
export type Dependence = Pick<Step, 'follows' | 'reacts'>;

/** At most so many octets behind a packet. */
const PADDING = 20;

export class Script {
  readonly random: Random;
  readonly config: HostConfig;
  readonly #steps: Step[] = [];
  readonly #packets: Uint8Array[] = [];
  readonly #identifications = new Set<number>();

  constructor(random: Random, config: HostConfig) {
    this.random = random;
    this.config = config;
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** IPv4 packets so far, for quotes. */
  get packets(): readonly Uint8Array[] {
    return this.#packets;
  }

  anyPeer(): Peer {
    return this.random.pick(PEERS);
  }

  /** An IPv4 identification that no other packet of the case has: what is forwarded keeps it. */
  identification(): number {
    for (;;) {
      const id = this.random.integer(1, 0xffff);
      if (this.#identifications.has(id)) continue;
      this.#identifications.add(id);
      return id;
    }
  }

  /** A header from a peer to anywhere, possibly an odd one. */
  header(peer: Peer, protocol: number): IpFields {
    const { random } = this;
    return {
      ...anyEnds(random, peer),
      protocol,
      id: this.identification(),
      ...headerQuirks(random),
    };
  }

  push(on: string, octets: Uint8Array, dependence: Dependence = {}): void {
    this.#steps.push({ on, frame: toHex(octets), ...dependence, wait: 0 });
  }

  /** The last step is followed by silence. */
  wait(milliseconds: number): void {
    const last = this.#steps.pop();
    if (last !== undefined) this.#steps.push({ ...last, wait: milliseconds });
  }

  /** In a frame that is for the host, mostly. */
  send(peer: Peer, fields: IpFields, payload: Uint8Array, dependence: Dependence = {}): void {
    const { random } = this;
    const packet = ipv4(fields, payload);
    const mtu = this.config.interfaces.find(({ name }) => name === peer.on)?.mtu ?? 0;
    if (packet.length > mtu) return;
    this.#packets.push(packet);
    const own = ownMac(peer);
    const to = random.chance(0.96)
      ? own
      : random.pick([BROADCAST_MAC, MULTICAST_MAC, STRANGE_MAC, ZERO_MAC]);
    const from = random.chance(0.98) ? peer.mac : random.pick([own, BROADCAST_MAC, ZERO_MAC]);
    const body = random.chance(0.02)
      ? packet.subarray(0, random.integer(1, packet.length))
      : random.chance(0.05) && packet.length + PADDING <= mtu
        ? concat(packet, new Uint8Array(random.integer(1, PADDING)).fill(0xee))
        : packet;
    const type = random.chance(0.995) ? 0x0800 : random.pick([0x0806, 0x86dd, 0x0805]);
    this.push(peer.on, ethernet({ to, from, type }, body), dependence);
  }
}
