// A conversation over ICMP queries: requests, replies to whatever identifier NAT has given them,
// replies that nobody asked for, and errors about either.

import { icmp } from '../build.ts';
import { anyData, checksumQuirk } from './malformations.ts';
import type { Script } from './script.ts';
import { type Payload, type Talk, type TalkEnds, TalkWire } from './talk.ts';

/** Request and reply: echo, timestamp, information, address mask. */
const QUERIES: readonly (readonly [number, number])[] = [
  [8, 0],
  [8, 0],
  [8, 0],
  [8, 0],
  [13, 14],
  [15, 16],
  [17, 18],
];

export class EchoTalk implements Talk {
  readonly wire: TalkWire;
  readonly #script: Script;
  readonly #identifier: number;
  readonly #types: readonly [number, number];

  constructor(script: Script, ends: TalkEnds) {
    this.wire = new TalkWire(script, 'icmp', ends);
    this.#script = script;
    this.#identifier = ends.clientPort;
    this.#types = script.random.pick(QUERIES);
  }

  next(): void {
    const { random } = this.#script;
    const draw = random.unit();
    const [request, reply] = this.#types;
    if (!this.wire.hears('server') && random.chance(0.1)) this.wire.intrude(this.#query(request));
    else if (!this.wire.hears('server') || draw < 0.3) this.wire.begin(this.#query(request));
    else if (draw < 0.7) {
      const type = random.chance(0.92) ? reply : random.pick([request, 0, 14]);
      this.wire.answer('server', this.#query(type), random.chance(0.08) ? 'source' : undefined);
    } else if (draw < 0.85 && this.wire.hears('client')) this.wire.error('client');
    else this.wire.error('server');
  }

  #query(type: number): Payload {
    const { random } = this.#script;
    const rest = (this.#identifier * 0x1_0000 + random.integer(0, 3)) >>> 0;
    const fields = { type, code: random.chance(0.97) ? 0 : 3, rest, ...checksumQuirk(random) };
    const data = type === 13 || type === 14 ? new Uint8Array(12).fill(7) : anyData(random);
    return () => icmp(fields, data);
  }
}
