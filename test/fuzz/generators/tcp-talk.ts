// A conversation over TCP that conntrack believes: each segment's numbers count from what the other
// side was heard to send. It opens, mostly in order, then anything: data, half-closes, resets in the
// window, at its edges and outside, the same ports once more, and ICMP errors about segments.

import { tcp } from '../build.ts';
import { anyData, checksumQuirk, tcpOptions } from './malformations.ts';
import type { Script } from './script.ts';
import { type Side, type Talk, type TalkEnds, TalkWire } from './talk.ts';
import { Flag } from './tcp-flags.ts';

const { Ack, Fin, Psh, Rst, Syn } = Flag;
const NOTHING = new Uint8Array(0);
const OPENING: readonly (readonly [Side, number])[] = [
  ['client', Syn],
  ['server', Syn | Ack],
  ['client', Ack],
];
const FLAGS = [
  Ack,
  Ack,
  Psh | Ack,
  Psh | Ack,
  Fin | Ack,
  Fin | Ack,
  Rst,
  Rst | Ack,
  Syn,
  Syn | Ack,
];
/** Beside the right sequence number: at and around the edges of windows. */
const ASIDE = [-1, 1, -1_000, 1_000, 64_239, 64_240, 64_241, 70_000, -70_000, 2_000_000];
const WINDOW = 64_240;

/** What one side has sent and heard. */
interface Half {
  readonly initial: number;
  /** Octets of sequence since the segment that it last heard. */
  since: number;
  /** Whether that segment acknowledged something, so that numbers can count from it. */
  isAcknowledged: boolean;
}

export class TcpTalk implements Talk {
  readonly wire: TalkWire;
  readonly #script: Script;
  readonly #ends: TalkEnds;
  readonly #halves: Readonly<Record<Side, Half>>;
  #opened = 0;

  constructor(script: Script, ends: TalkEnds) {
    this.wire = new TalkWire(script, 'tcp', ends);
    this.#script = script;
    this.#ends = ends;
    const half = (): Half => {
      return { initial: script.random.uint32(), since: 0, isAcknowledged: false };
    };
    this.#halves = { client: half(), server: half() };
  }

  next(): void {
    const { random } = this.#script;
    const { clientPort, serverPort } = this.#ends;
    if (this.#opened === 0 && random.chance(0.08)) {
      const ports = { sourcePort: serverPort, destinationPort: clientPort };
      const first = { sequence: random.uint32(), acknowledgment: 0, flags: Syn, window: WINDOW };
      this.wire.intrude((ends) => tcp(ends, { ...ports, ...first }, NOTHING));
      return;
    }
    const opening = OPENING[this.#opened];
    if (opening !== undefined && random.chance(0.88)) {
      this.#opened++;
      this.#segment(...opening, NOTHING);
      return;
    }
    const side: Side = random.chance(0.5) ? 'client' : 'server';
    if (random.chance(0.2) && this.wire.hears(side)) this.wire.error(side);
    else this.#anything(side);
  }

  #anything(side: Side): void {
    const { random } = this.#script;
    const flags = random.chance(0.93) ? random.pick(FLAGS) : random.integer(0, 255);
    const carries = (flags & Psh) !== 0 || ((flags & Fin) !== 0 && random.chance(0.3));
    this.#segment(side, flags, carries ? anyData(random) : NOTHING);
  }

  #segment(side: Side, flags: number, data: Uint8Array): void {
    const { random } = this.#script;
    if (side === 'server' && !this.wire.hears('server')) return;
    const half = this.#halves[side];
    const other = this.#halves[side === 'client' ? 'server' : 'client'];
    const { clientPort, serverPort } = this.#ends;
    const ports =
      side === 'client'
        ? { sourcePort: clientPort, destinationPort: serverPort }
        : { sourcePort: serverPort, destinationPort: clientPort };
    const aside = random.chance(0.15) ? random.pick(ASIDE) : 0;
    const acknowledgedAside = random.chance(0.06) ? random.pick(ASIDE) : 0;
    const base = half.isAcknowledged ? 0 : half.initial;
    const isSyn = (flags & Syn) !== 0;
    // The first one again, rather than one behind it.
    const since = isSyn && !half.isAcknowledged ? 0 : half.since;
    const fields = {
      ...ports,
      sequence: (base + since + aside) >>> 0,
      acknowledgment: (flags & Ack) === 0 ? 0 : acknowledgedAside >>> 0,
      flags,
      window: random.chance(0.85) ? WINDOW : random.pick([0, 1, 0xffff]),
      ...(random.chance(isSyn ? 0.7 : 0.15) ? { options: tcpOptions(random, isSyn) } : {}),
      ...checksumQuirk(random),
    };
    const hears = this.wire.hears(side);
    if (hears) this.wire.answer(side, (ends) => tcp(ends, fields, data));
    else this.wire.begin((ends) => tcp(ends, fields, data));
    half.since = since + data.length + ((flags & Fin) === 0 ? 0 : 1) + (isSyn ? 1 : 0);
    other.since = 0;
    other.isAcknowledged = (flags & Ack) !== 0;
    // Heard, but nothing in it to count from: the other side's numbers start at its own first again.
    if (!other.isAcknowledged && hears) other.since = 1;
  }
}
