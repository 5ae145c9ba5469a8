// Steps as one side's host is to see them. Whoever talks to the host must know what it has drawn at
// random: a step that `reacts` is made from what came out (reaction.ts); one that `follows` carries an
// acknowledgment number relative to the host's initial sequence number, which here becomes absolute.

import { type Emission, fromHex, type Step } from './case.ts';
import { layout } from './layout.ts';
import { set32 } from './patch.ts';
import { react } from './reaction.ts';

const SYN = 0x02;
const ACK = 0x10;
const NOTHING = new Uint8Array(0);

export class Follower {
  /** 'from:port>to:port' of the host's half → its initial sequence number. */
  readonly #initial = new Map<string, number>();
  readonly #heard: Emission[] = [];

  /** Looks at a frame that came out of the host. */
  observe(emission: Emission): void {
    this.#heard.push(emission);
    const { octets } = emission;
    const at = layout(octets);
    if (at === null || at.protocol !== 6 || at.l4 + 14 > octets.length) return;
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    if ((view.getUint8(at.l4 + 13) & (SYN | ACK)) !== (SYN | ACK)) return;
    this.#initial.set(flow(view, at.l3, at.l4, false), view.getUint32(at.l4 + 4));
  }

  /** The octets to put in; none when there is nothing to react to. */
  resolve(step: Step): Uint8Array {
    if (step.reacts !== undefined) return react(step, step.reacts, this.#heard) ?? NOTHING;
    const octets = fromHex(step.frame);
    const at = step.follows === true ? layout(octets) : null;
    if (at === null || at.protocol !== 6 || at.l4 + 20 > octets.length) return octets;
    const view = new DataView(octets.buffer);
    const initial = this.#initial.get(flow(view, at.l3, at.l4, true)) ?? 0;
    set32(octets, at.l4 + 8, (view.getUint32(at.l4 + 8) + initial) >>> 0, [at.l4 + 16]);
    return octets;
  }
}

function flow(view: DataView, l3: number, l4: number, reversed: boolean): string {
  const source = `${view.getUint32(l3 + 12)}:${view.getUint16(l4)}`;
  const destination = `${view.getUint32(l3 + 16)}:${view.getUint16(l4 + 2)}`;
  return reversed ? `${destination}>${source}` : `${source}>${destination}`;
}
