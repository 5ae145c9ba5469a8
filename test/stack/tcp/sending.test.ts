// What leaves, in number, order and sequence, as measured on Linux 6.18 between two namespaces behind a
// cable of 10 ms (test/fixtures/kernel/tcp-sending.json; tcp-sending.py beside it measures again).

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NeighborState } from '../../../src/stack/neighbor/state.ts';
import type { TcpConnection } from '../../../src/stack/tcp/connection.ts';
import { macAddress } from '../../../src/wire/mac-address.ts';
import { ip } from '../../support/frames.ts';
import { Lan, nic } from '../../support/lan.ts';
import { Recorder, segments } from '../../support/tcp.ts';

interface Case {
  readonly id: string;
  readonly description: string;
  /** Of what the sender sent: octets from the first one of the stream on, and its length. */
  readonly sent: readonly (readonly [sequence: number, length: number])[];
}

const FIXTURE = new URL('../../fixtures/kernel/tcp-sending.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { cases: readonly Case[] };

function measured(id: string): Case['sent'] {
  const found = cases.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found.sent;
}

/** A connection over a cable of 10 ms each way to a peer that says nothing. */
class Sending {
  readonly lan: Lan = new Lan({ latency: 5000 });
  readonly a = this.lan.host('A', '10.0.0.1/24');
  readonly b = this.lan.host('B', '10.0.0.2/24');
  readonly connection: TcpConnection;
  #since = 0;

  constructor() {
    const silent = new Recorder();
    this.b.tcp.listen({ port: 80 }, silent);
    const client = new Recorder();
    this.connection = this.a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
    this.lan.run(0.1);
    this.#since = this.lan.scheduler.now;
  }

  write(octets: number, times = 1): void {
    for (let i = 0; i < times; i++) this.connection.write(new Uint8Array(octets));
  }

  /** A hundred octets there and back, and then nothing arrives any more. */
  intoBlackHole(): void {
    this.write(100);
    this.lan.run(0.3);
    this.#since = this.lan.scheduler.now;
    const nobody = macAddress(0x0200_0000_9999);
    this.a.neighbors.replace(nic(this.a), ip('10.0.0.2'), nobody, NeighborState.Permanent);
  }

  /** Data that A has sent since. */
  sent(): [number, number][] {
    const all = segments(this.lan, this.#since).filter(
      ({ from, length }) => from === 'A' && length > 0,
    );
    return all.map(({ sequence, length }) => [sequence, length]);
  }
}

describe('small writes', () => {
  test('fill the initial window of ten segments; the rest leaves joined, once they are acknowledged', () => {
    const talk = new Sending();
    talk.write(100, 30);
    talk.lan.run(1);
    expect(talk.sent()).toEqual(measured('small-writes'));
  });
});

describe('into a black hole', () => {
  test('ten small segments and a probe leave, then one segment that holds the ten, again and again', () => {
    const talk = new Sending();
    talk.intoBlackHole();
    talk.write(100, 30);
    talk.lan.run(3);
    expect(talk.sent()).toEqual(measured('black-hole-small'));
  });

  test('nothing new leaves beside what is repeated', () => {
    const talk = new Sending();
    talk.intoBlackHole();
    for (let i = 0; i < 10; i++) {
      talk.write(100);
      talk.lan.run(0.1);
    }
    talk.lan.run(1.5);
    expect(talk.sent()).toEqual(measured('black-hole-slow'));
  });

  test('of large writes the first segment alone is repeated', () => {
    const talk = new Sending();
    talk.intoBlackHole();
    talk.write(1448, 20);
    talk.lan.run(2);
    expect(talk.sent()).toEqual(measured('black-hole-large'));
  });
});
