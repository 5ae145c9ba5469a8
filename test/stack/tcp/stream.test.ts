// The law of TCP: whatever the network does, the octets arrive complete and in order, or the
// connection says why not.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { millis } from '../../../src/sim/time.ts';
import type { TcpHandlers } from '../../../src/stack/tcp/handlers.ts';
import type { TcpSocket } from '../../../src/stack/tcp/socket.ts';
import type { Frame } from '../../../src/wire/frame.ts';
import { ip } from '../../support/frames.ts';
import { Lan, nic } from '../../support/lan.ts';

/** Sends a stream as fast as the send buffer takes it, then FIN; keeps what it receives. */
class Talker implements TcpHandlers {
  readonly received: number[] = [];
  readonly #octets: Uint8Array;
  #sent = 0;
  ended = false;
  outcome: string | null = null;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  onConnected(connection: TcpSocket): void {
    this.#pump(connection);
  }

  onWritable(connection: TcpSocket): void {
    this.#pump(connection);
  }

  onData(_connection: TcpSocket, frame: Frame, offset: number, length: number): void {
    for (let at = offset; at < offset + length; at++) this.received.push(frame.view.getUint8(at));
  }

  onEnd(): void {
    this.ended = true;
  }

  onClosed(_connection: TcpSocket, error: string | null): void {
    this.outcome = error ?? 'closed';
  }

  #pump(connection: TcpSocket): void {
    this.#sent += connection.write(this.#octets.subarray(this.#sent));
    if (this.#sent === this.#octets.length) connection.end();
  }
}

function pattern(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8) * 17 + seed) & 0xff);
}

interface Weather {
  readonly latency: number;
  readonly jitter: number;
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  readonly corrupt: number;
  readonly bandwidth: number | null;
}

const probability = (max: number): fc.Arbitrary<number> =>
  fc.oneof(fc.constant(0), fc.double({ min: 0, max, noNaN: true }));

const weather: fc.Arbitrary<Weather> = fc.record({
  latency: fc.integer({ min: 0, max: 50 }).map(millis),
  jitter: fc.integer({ min: 0, max: 20 }).map(millis),
  loss: probability(0.3),
  duplicate: probability(0.3),
  reorder: probability(0.3),
  corrupt: probability(0.1),
  bandwidth: fc.constantFrom(null, 1e6, 1e8),
});

interface Exchange {
  readonly client: Talker;
  readonly server: Talker;
  readonly sent: Uint8Array;
  readonly answered: Uint8Array;
  readonly lan: Lan;
}

function exchange(seed: number, out: Weather, back: Weather, up: number, down: number): Exchange {
  const lan = new Lan({ seed });
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  // ARP would often fail in such weather, and is not what is tested.
  a.neighbors.replace(nic(a), ip('10.0.0.2'), nic(b).mac);
  b.neighbors.replace(nic(b), ip('10.0.0.1'), nic(a).mac);
  const link = lan.link(nic(a));
  link.ab.configure({ ...link.ab.settings, ...out });
  link.ba.configure({ ...link.ba.settings, ...back });
  const sent = pattern(up, 1);
  const answered = pattern(down, 2);
  const client = new Talker(sent);
  const server = new Talker(answered);
  b.tcp.listen(
    { port: 80 },
    {
      accept: (connection) => {
        // As `onConnected` of an active open: the acceptor returns before it speaks.
        lan.after(0, () => server.onConnected(connection));
        return server;
      },
    },
  );
  a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
  lan.run(4000);
  return { client, server, sent, answered, lan };
}

function delivered(octets: Uint8Array, talker: Talker): boolean {
  return (
    talker.received.length <= octets.length &&
    talker.received.every((octet, i) => octet === octets[i])
  );
}

describe('a stream through bad weather', () => {
  test('arrives whole and in order, or ends with an errno', () => {
    const seeds = fc.integer({ min: 0, max: 0xffff_ffff });
    const sizes = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40_000 }));
    fc.assert(
      fc.property(seeds, weather, weather, sizes, sizes, (seed, out, back, up, down) => {
        const { client, server, sent, answered } = exchange(seed, out, back, up, down);
        expect(delivered(sent, server), 'what the server got').toBe(true);
        expect(delivered(answered, client), 'what the client got').toBe(true);
        expect(client.outcome, 'the client was told how it ended').not.toBeNull();
        if (client.outcome === 'closed') {
          expect(server.received.length).toBe(sent.length);
          expect(client.received.length).toBe(answered.length);
          expect(client.ended).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('moderate loss costs time, not data: both ends close in order', () => {
    const bad = { jitter: 0, duplicate: 0, reorder: 0, corrupt: 0, bandwidth: 1e7 } as const;
    const lossy = { ...bad, latency: millis(5), loss: 0.03 };
    const { client, server, sent, answered } = exchange(7, lossy, lossy, 2_000_000, 500_000);
    expect([client.outcome, server.outcome]).toEqual(['closed', 'closed']);
    expect(server.received.length).toBe(sent.length);
    expect(client.received.length).toBe(answered.length);
  });

  test('the same seed gives the same frames', () => {
    const storm: Weather = {
      latency: millis(3),
      jitter: millis(9),
      loss: 0.1,
      duplicate: 0.1,
      reorder: 0.1,
      corrupt: 0.02,
      bandwidth: 1e7,
    };
    const runs = [1, 2].map(() =>
      exchange(42, storm, storm, 30_000, 30_000).lan.frames.map(
        ({ at, frame }) => `${at} ${frame.toBytes().join()}`,
      ),
    );
    expect(runs[0]).toEqual(runs[1]);
  });
});
