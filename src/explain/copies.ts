// The same packet seen more than once: at two capture points, or again after a router has forwarded it. A table of
// recent packets by a hash of what forwarding leaves alone; a place is taken over by the next packet that hashes there.

import type { Nanos } from '../sim/time.ts';
import type { SeenPacket } from './packet.ts';
import type { Sight } from './sight.ts';

const PLACES = 1 << 15;
const WINDOW: Nanos = 50_000_000;
const HASHED_OCTETS = 16;

/** How a packet relates to those before. */
export type CopyKind = 'new' | 'copy' | 'forwarded' | 'again';

/** Remembers recent packets. */
export class Copies {
  readonly #hashes = new Uint32Array(PLACES);
  readonly #times = new Float64Array(PLACES).fill(Number.NEGATIVE_INFINITY);
  readonly #points = new Int32Array(PLACES);
  readonly #ttls = new Uint8Array(PLACES);
  readonly #macs = new Float64Array(PLACES);

  /** again: the same at the same point, as in a loop. */
  classify(sight: Sight, packet: SeenPacket): CopyKind {
    const hash = hashOf(sight, packet);
    const place = hash & (PLACES - 1);
    const isKnown = this.#hashes[place] === hash && sight.at - (this.#times[place] ?? 0) < WINDOW;
    if (!isKnown) {
      this.#hashes[place] = hash;
      this.#times[place] = sight.at;
      this.#points[place] = sight.point;
      this.#ttls[place] = packet.ttl;
      this.#macs[place] = sight.source;
      return 'new';
    }
    if (packet.ttl !== this.#ttls[place]) return 'forwarded';
    if (sight.point !== this.#points[place]) return 'copy';
    return sight.source === this.#macs[place] ? 'again' : 'forwarded';
  }
}

function hashOf({ domain, end, view }: Sight, packet: SeenPacket): number {
  let hash = mix(2_166_136_261 + domain.index, packet.source | 0);
  hash = mix(hash, packet.destination | 0);
  hash = mix(hash, (packet.identification << 8) | packet.protocol);
  hash = mix(hash, packet.length);
  const { l4 } = packet;
  if (l4 >= 0) {
    const stop = Math.min(end - 3, l4 + HASHED_OCTETS);
    for (let at = l4; at < stop; at += 4) hash = mix(hash, view.getInt32(at));
  }
  return hash >>> 0;
}

function mix(hash: number, value: number): number {
  hash = Math.imul(hash ^ value, 0x85eb_ca6b);
  return hash ^ (hash >>> 13);
}
