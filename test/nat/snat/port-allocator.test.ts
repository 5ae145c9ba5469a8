// The last resorts of the port search: how far it looks, and who gives way.

import { describe, expect, test } from 'vitest';
import { Connection, ConnectionStatus } from '../../../src/nat/conntrack/connection.ts';
import { ConnectionTable } from '../../../src/nat/conntrack/connection-table.ts';
import { AddressPool } from '../../../src/nat/snat/address-pool.ts';
import { PortAllocator } from '../../../src/nat/snat/port-allocator.ts';
import { SourceIndex } from '../../../src/nat/snat/source-index.ts';
import { TrackedState } from '../../../src/nat/tcp/states.ts';
import { TcpTracking } from '../../../src/nat/tcp/tracking.ts';
import { Random } from '../../../src/sim/random.ts';
import { ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import type { PortRange } from '../../../src/wire/ranges.ts';
import { ip } from '../../support/frames.ts';

const EIP = ip('192.0.2.100');
const SERVER = ip('192.0.2.10');
const FOUR: PortRange = { low: 50_000, high: 50_003 };

/** A table and its allocator. Each connection comes from a pod of its own, always from port 5000. */
class Nat {
  readonly #index = new SourceIndex();
  readonly table = new ConnectionTable(1, (left) => this.#index.remove(left));
  readonly #allocator: PortAllocator;
  #pods = 0;

  constructor(seed = 1) {
    this.#allocator = new PortAllocator(this.table, this.#index, new Random(seed));
  }

  /** Null if the connection got no tuple of its own. */
  open(
    ports: PortRange | null,
    sequence = 0,
    source = 5000,
    state: TrackedState = TrackedState.SynSent,
  ): Connection | null {
    const tcp = new TcpTracking();
    tcp.state = state;
    tcp.original.end = sequence;
    const pod = ipv4Address(0x0a00_0000 + ++this.#pods);
    const original = {
      protocol: IpProtocol.Tcp,
      source: pod,
      destination: SERVER,
      sourcePort: source,
      destinationPort: 80,
    };
    const made = new Connection(this.#pods, 0, original, tcp);
    made.expires = 1;
    const addresses = AddressPool.of(EIP);
    const range = { addresses, ports, random: false, persistent: false };
    this.#allocator.assignSource(made, range, 0);
    made.status |= ConnectionStatus.SourceNat;
    if (!this.table.insert(made)) return null;
    this.#index.add(made);
    return made;
  }
}

describe('a full range', () => {
  test('takes no further connection', () => {
    const nat = new Nat();
    const ports = [1, 2, 3, 4].map(() => nat.open(FOUR)?.mappedSourcePort).sort();
    expect(ports).toEqual([50_000, 50_001, 50_002, 50_003]);
    expect(nat.open(FOUR)).toBeNull();
    expect(nat.table.size).toBe(4);
  });

  test('gives up a connection in TIME_WAIT whose sequence numbers the new one has passed', () => {
    const nat = new Nat();
    const all = [1, 2, 3, 4].map(() => nat.open(FOUR, 1000));
    const over = all[2];
    if (over?.tcp == null) throw new Error('not opened');
    over.tcp.state = TrackedState.TimeWait;
    expect(nat.open(FOUR, 1000)).toBeNull();
    // Not to one that was picked up in the middle.
    expect(nat.open(FOUR, 1001, 5000, TrackedState.Established)).toBeNull();
    const next = nat.open(FOUR, 1001);
    expect(next?.mappedSourcePort).toBe(over.mappedSourcePort);
    expect(over.has(ConnectionStatus.Dying)).toBe(true);
    expect(nat.table.size).toBe(4);
  });

  test('a single port is taken without a look, and fails later', () => {
    const nat = new Nat();
    const one = { low: 6000, high: 6000 };
    expect(nat.open(one, 0, 6000)?.mappedSourcePort).toBe(6000);
    expect(nat.open(one, 0, 6000)).toBeNull();
  });
});

test('in a crowded class the search gives up although some ports are free', () => {
  let refused = 0;
  for (let seed = 0; seed < 40; seed++) {
    const nat = new Nat(seed);
    // 506 of 511 privileged ports: 128 tries in a row, then 64, 32, 16, each from a random port.
    for (let port = 1; port <= 506; port++) nat.open(null, 0, port);
    if (nat.open(null, 0, 300) === null) refused++;
  }
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(40);
});

test('the same seed draws the same ports', () => {
  const draw = (seed: number): (number | undefined)[] => {
    const nat = new Nat(seed);
    return Array.from({ length: 20 }, () => nat.open(null)?.mappedSourcePort);
  };
  expect(draw(5)).toEqual(draw(5));
  expect(draw(5)).not.toEqual(draw(6));
});
