// Address translation as seen from both of its sides: one packet under two pairs of addresses and ports within a moment.
// What translation leaves alone (identification, sequence numbers, payload) tells that it is the same one.

import type { Nanos } from '../sim/time.ts';
import { IpProtocol } from '../wire/numbers.ts';
import type { SeenPacket } from './packet.ts';
import { translatedKey } from './packet-key.ts';
import type { Sight } from './sight.ts';

const PLACES = 1 << 14;
const WINDOW: Nanos = 50_000_000;
const PAIR_LIMIT = 65_536;

/** Source, destination, and both ports as one number. */
type Ends = readonly [number, number, number];

function reversed([source, destination, ports]: Ends): Ends {
  return [destination, source, ((ports << 16) | (ports >>> 16)) >>> 0];
}

/** One connection under both of its names. */
export interface SeenTranslation {
  readonly protocol: number;
  /** As its client sends. */
  readonly client: number;
  readonly clientPort: number;
  readonly server: number;
  readonly serverPort: number;
  /** As its server sees it. */
  readonly asClient: number;
  readonly asClientPort: number;
  readonly asServer: number;
  readonly asServerPort: number;
  readonly at: Nanos;
  readonly frame: number;
  packets: number;
}

/** Remembers recent packets by what translation leaves alone. */
export class Translations {
  readonly pairs: Map<string, SeenTranslation> = new Map();
  readonly #keys = new Float64Array(PLACES);
  readonly #times = new Float64Array(PLACES).fill(Number.NEGATIVE_INFINITY);
  readonly #sources = new Float64Array(PLACES);
  readonly #destinations = new Float64Array(PLACES);
  readonly #ports = new Uint32Array(PLACES);
  readonly #ttls = new Uint8Array(PLACES);

  packet(sight: Sight, packet: SeenPacket): void {
    const { destination, protocol, source, ttl } = packet;
    if (protocol !== IpProtocol.Tcp && protocol !== IpProtocol.Udp) return;
    const key = translatedKey(sight, packet);
    if (key === null) return;
    const place = key % PLACES;
    const { at } = sight;
    const ports = sight.view.getUint32(packet.l4);
    const isKnown = this.#keys[place] === key && at - (this.#times[place] ?? 0) < WINDOW;
    if (!isKnown) {
      this.#keys[place] = key;
      this.#times[place] = at;
      this.#sources[place] = source;
      this.#destinations[place] = destination;
      this.#ports[place] = ports;
      this.#ttls[place] = ttl;
      return;
    }
    const before = this.#sources[place] ?? 0;
    const beforeTo = this.#destinations[place] ?? 0;
    const isSame = before === source && beforeTo === destination && this.#ports[place] === ports;
    // One end stays, and a router has come between.
    const isOneEnd = (before === source) !== (beforeTo === destination);
    if (isSame || !isOneEnd || ttl >= (this.#ttls[place] ?? 0)) return;
    const earlier = [before, beforeTo, this.#ports[place] ?? 0] as const;
    const later = [source, destination, ports] as const;
    // A request comes to the translation as its client sent it, a reply leaves as its client gets it.
    if (ports >>> 16 > (ports & 0xffff)) this.#pair(sight, protocol, earlier, later);
    else this.#pair(sight, protocol, reversed(later), reversed(earlier));
  }

  #pair(
    { at, number: frame }: Sight,
    protocol: number,
    [client, server, ports]: Ends,
    [asClient, asServer, asPorts]: Ends,
  ): void {
    const key = `${protocol} ${client} ${server} ${ports} ${asClient} ${asServer} ${asPorts}`;
    const known = this.pairs.get(key);
    if (known !== undefined) {
      known.packets++;
      return;
    }
    if (this.pairs.size >= PAIR_LIMIT) return;
    this.pairs.set(key, {
      protocol,
      client,
      clientPort: ports >>> 16,
      server,
      serverPort: ports & 0xffff,
      asClient,
      asClientPort: asPorts >>> 16,
      asServer,
      asServerPort: asPorts & 0xffff,
      at,
      frame,
      packets: 1,
    });
  }
}
