// Frames, neighbors and connections as words that two hosts can agree on. What Linux draws at random
// is named: IP identifications of its own ('id=own'), initial sequence numbers ('isn+1'), ports and
// identifiers that nobody has sent ('P1', 'P2' in order of appearance), its timestamps. Checksums are
// said to be right, or by how much they are wrong: a router must not repair them.

import { type Emission, fromHex, type Observation, type Outcome, type Step } from './case.ts';
import { layout, onesSum, pseudoSum } from './layout.ts';
import { Roles } from './roles.ts';
import { address, addresses, arp, flagLetters, hex, mac, options, viewOf } from './words.ts';

const ICMP = 1;
const TCP = 6;
const UDP = 17;
/** Further from an initial sequence number than this is nobody's. */
const SEQUENCE_REACH = 1 << 20;
/** Where a segment has them. */
const SEQUENCE = 4;
const ACKNOWLEDGMENT = 8;
const EMPTY = new Uint8Array(0);
const ERRORS = new Set([3, 4, 5, 11, 12]);
const QUERIES = new Set([0, 8, 13, 14, 15, 16, 17, 18]);

export function normalize(steps: readonly Step[], seen: Observation): Outcome {
  const words = new Words(steps, seen);
  // What several timers did while we waited has no order worth comparing: Linux's timers have slack.
  const emitted = seen.emitted.map((burst, i) => words.burst(burst, (steps[i]?.wait ?? 0) > 0));
  return {
    emitted,
    neighbors: seen.neighbors.toSorted(),
    connections: words.connections(seen.connections),
  };
}

class Words {
  readonly #identifications = new Set<number>([0]);
  readonly #sequences = new Set<number>();
  /** Of `#sequences`, those that count from an initial one. */
  readonly #relative = new Set<number>();
  readonly #initial: number[] = [];
  readonly #roles = new Roles();

  constructor(steps: readonly Step[], seen: Observation) {
    steps.forEach((step, i) => {
      // What a reaction was given by the host is not literal: its ports may be drawn at random.
      const octets = seen.injected[i] ?? EMPTY;
      this.#learn(step.reacts === undefined ? octets : fromHex(step.frame));
      if (step.reacts === undefined) {
        this.#learnSequences(fromHex(step.frame), step.follows === true);
      } else this.#learnSequence(octets, SEQUENCE);
    });
    for (const { octets } of seen.emitted.flat()) this.#learnInitial(octets);
    steps.forEach(({ reacts }, i) => {
      if (reacts !== undefined) this.#learnSequence(seen.injected[i] ?? EMPTY, ACKNOWLEDGMENT);
    });
  }

  burst(burst: readonly Emission[], waited: boolean): Record<string, string[]> {
    const lines: Record<string, string[]> = {};
    for (const { on, octets } of burst) {
      lines[on] ??= [];
      lines[on].push(this.#frame(octets));
    }
    if (waited) for (const list of Object.values(lines)) list.sort();
    return lines;
  }

  connections(lines: readonly string[]): string[] {
    return this.#roles.connections(lines);
  }

  #learn(octets: Uint8Array, l3 = 14): void {
    const at = layout(octets, l3);
    if (at === null) return;
    const view = viewOf(octets);
    this.#identifications.add(view.getUint16(l3 + 4));
    if (at.fragmentOffset > 0 || at.l4 + 8 > octets.length) return;
    // Lengths and halves of sequence numbers are no ports: one drawn by chance may equal them.
    const offsets = at.protocol === ICMP ? [4] : [0, 2];
    for (const offset of offsets) this.#roles.learn(view.getUint16(at.l4 + offset));
    if (at.protocol === ICMP && ERRORS.has(view.getUint8(at.l4))) this.#learn(octets, at.l4 + 8);
  }

  #learnSequences(octets: Uint8Array, follows: boolean): void {
    const at = layout(octets);
    if (at === null || at.protocol !== TCP || at.l4 + 12 > octets.length) return;
    const view = viewOf(octets);
    this.#sequences.add(view.getUint32(at.l4 + 4));
    (follows ? this.#relative : this.#sequences).add(view.getUint32(at.l4 + 8));
  }

  /** A number that a reaction was given: literal, unless it counts from an initial one. */
  #learnSequence(octets: Uint8Array, offset: number): void {
    const at = layout(octets);
    if (at === null || at.protocol !== TCP || at.l4 + 12 > octets.length) return;
    const value = viewOf(octets).getUint32(at.l4 + offset);
    if (!this.#initial.some((initial) => Math.abs((value - initial) | 0) < SEQUENCE_REACH)) {
      this.#sequences.add(value);
    }
  }

  #learnInitial(octets: Uint8Array): void {
    const at = layout(octets);
    if (at === null || at.protocol !== TCP || at.l4 + 20 > octets.length) return;
    const view = viewOf(octets);
    const sequence = view.getUint32(at.l4 + 4);
    if ((view.getUint8(at.l4 + 13) & 0x12) !== 0x12) return;
    if (this.#sequences.has(sequence) || this.#initial.includes(sequence)) return;
    this.#initial.push(sequence);
  }

  #frame(octets: Uint8Array): string {
    const ends = `${mac(octets, 6)}>${mac(octets, 0)}`;
    const type = ((octets[12] ?? 0) << 8) | (octets[13] ?? 0);
    if (type === 0x0806) return `${ends} arp ${arp(octets)}`;
    if (layout(octets) !== null) return `${ends} ${this.#packet(octets, 14, octets.length)}`;
    return `${ends} ${hex(octets, 12, octets.length)}`;
  }

  /** `limit`: a quote may end before its packet does. */
  #packet(octets: Uint8Array, l3: number, limit: number): string {
    const at = layout(octets, l3);
    if (at === null) return `raw ${hex(octets, l3, limit)}`;
    const view = viewOf(octets);
    const total = view.getUint16(l3 + 2);
    const flags = view.getUint8(l3 + 6) >>> 5;
    const identification = view.getUint16(l3 + 4);
    const parts = [
      `${address(octets, l3 + 12)}>${address(octets, l3 + 16)}`,
      `proto ${at.protocol} ttl ${view.getUint8(l3 + 8)} tos ${view.getUint8(l3 + 1)} len ${total}`,
      this.#identifications.has(identification) ? `id=${identification}` : 'id=own',
    ];
    if (flags !== 0) parts.push(`flags ${flags}`);
    if (at.fragmentOffset > 0) parts.push(`offset ${at.fragmentOffset}`);
    if (at.l4 - l3 > 20) parts.push(`options ${hex(octets, l3 + 20, at.l4)}`);
    const off = onesSum(octets, l3, at.l4);
    if (off !== 0xffff) parts.push(`sum off by ${off}`);
    const end = Math.min(limit, l3 + total);
    parts.push(`| ${this.#payload(octets, view, l3, at.l4, end, total)}`);
    if (end < limit) parts.push(`+ ${limit - end} octets`);
    return parts.join(' ');
  }

  #payload(
    octets: Uint8Array,
    view: DataView,
    l3: number,
    l4: number,
    end: number,
    total: number,
  ): string {
    const at = layout(octets, l3);
    const isWhole = end === l3 + total && at?.moreFragments === false;
    if (at === null || at.fragmentOffset > 0) return hex(octets, l4, end);
    if (l4 + 8 > end) return this.#stump(octets, view, l3, l4, end);
    if (at.protocol === UDP) {
      const sum = this.#sum(octets, l3, l4, end, UDP, isWhole, l4 + 6);
      return `udp ${this.#ports('udp', view, l3, l4)} len ${view.getUint16(l4 + 4)} ${sum} ${hex(octets, l4 + 8, end)}`;
    }
    if (at.protocol === ICMP) return this.#icmp(octets, view, l3, l4, end, isWhole);
    if (at.protocol === TCP && l4 + 20 <= end) {
      const sum = this.#sum(octets, l3, l4, end, TCP, isWhole, l4 + 16);
      return `tcp ${this.#tcp(octets, view, l3, l4, end)} ${sum}`;
    }
    if (at.protocol === TCP) {
      return `tcp ${this.#ports('tcp', view, l3, l4)} seq ${this.#sequence(view.getUint32(l4 + 4))} ${hex(octets, l4 + 8, end)}`;
    }
    return hex(octets, l4, end);
  }

  /** Less than eight octets of a packet. */
  #stump(octets: Uint8Array, view: DataView, l3: number, l4: number, end: number): string {
    const protocol = octets[l3 + 9];
    // The checksum, and as much of the identifier as there is, may be drawn at random.
    if (protocol === ICMP) return `${hex(octets, l4, Math.min(end, l4 + 2))} ${end - l4} octets`;
    if ((protocol !== TCP && protocol !== UDP) || l4 + 4 > end) return hex(octets, l4, end);
    const name = protocol === TCP ? 'tcp' : 'udp';
    return `${this.#ports(name, view, l3, l4)} ${hex(octets, l4 + 4, end)}`;
  }

  #icmp(
    octets: Uint8Array,
    view: DataView,
    l3: number,
    l4: number,
    end: number,
    isWhole: boolean,
  ): string {
    const type = view.getUint8(l4);
    const off = isWhole ? onesSum(octets, l4, end) : 0xffff;
    const sum = off === 0xffff ? '' : ` sum off by ${off}`;
    const head = `icmp ${type}/${view.getUint8(l4 + 1)}${sum}`;
    if (ERRORS.has(type)) {
      return `${head} ${hex(octets, l4 + 4, l4 + 8)} [${this.#packet(octets, l4 + 8, end)}]`;
    }
    if (QUERIES.has(type)) {
      const data = type === 14 ? hex(octets, l4 + 8, l4 + 12) : hex(octets, l4 + 8, end);
      return `${head} id ${this.#roles.identifier(...addresses(view, l3), view.getUint16(l4 + 4))} seq ${view.getUint16(l4 + 6)} ${data}`;
    }
    return `${head} ${hex(octets, l4 + 4, end)}`;
  }

  #tcp(octets: Uint8Array, view: DataView, l3: number, l4: number, end: number): string {
    const data = Math.min(end, l4 + Math.max(20, (view.getUint8(l4 + 12) >>> 4) * 4));
    const flags = view.getUint16(l4 + 12) & 0x0fff;
    const numbers = `seq ${this.#sequence(view.getUint32(l4 + 4))} ack ${this.#sequence(view.getUint32(l4 + 8))}`;
    const urgent = view.getUint16(l4 + 18);
    const rest = `win ${view.getUint16(l4 + 14)}${urgent === 0 ? '' : ` urg ${urgent}`}`;
    return `${this.#ports('tcp', view, l3, l4)} ${flagLetters(flags)} ${numbers} ${rest} ${options(octets, view, l4 + 20, data)} ${hex(octets, data, end)}`;
  }

  #sum(
    octets: Uint8Array,
    l3: number,
    l4: number,
    end: number,
    protocol: number,
    isWhole: boolean,
    at: number,
  ): string {
    if (protocol === UDP && octets[at] === 0 && octets[at + 1] === 0) return 'sum none';
    // Of a packet that is cut off, what the rest would have to add up to: no port changes that.
    const length = isWhole ? end - l4 : viewOf(octets).getUint16(l3 + 2) - (l4 - l3);
    const off = onesSum(octets, l4, end, pseudoSum(octets, l3, protocol, length));
    if (!isWhole) return `sum lacks ${0xffff - off}`;
    return off === 0xffff ? 'sum ok' : `sum off by ${off}`;
  }

  #ports(protocol: 'tcp' | 'udp', view: DataView, l3: number, l4: number): string {
    const [source, destination] = addresses(view, l3);
    return this.#roles.ports(
      protocol,
      source,
      destination,
      view.getUint16(l4),
      view.getUint16(l4 + 2),
    );
  }

  #sequence(value: number): string {
    if (this.#sequences.has(value)) return String(value);
    let nearest: number | null = null;
    for (const initial of this.#initial) {
      const distance = (value - initial) | 0;
      const isNear = Math.abs(distance) < SEQUENCE_REACH || this.#relative.has(distance >>> 0);
      if (isNear && Math.abs(distance) < Math.abs(nearest ?? Number.POSITIVE_INFINITY)) {
        nearest = distance;
      }
    }
    if (nearest === null) return String(value);
    if (this.#relative.has(nearest >>> 0)) return `isn+${nearest}`;
    // By chance the number that was drawn may lie near one that was put in: the nearer counts.
    for (const known of this.#sequences) {
      if (Math.abs((value - known) | 0) < Math.abs(nearest)) return String(value);
    }
    return `isn+${nearest}`;
  }
}
