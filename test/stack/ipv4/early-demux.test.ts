// What a connection that stayed behind does to packets that should be forwarded; measured in
// test/kernel-truth/scenarios/e06-stale-entries.ts.

import { describe, expect, it } from 'vitest';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { ip } from '../../support/frames.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';
import { ascii, echoServer, Recorder } from '../../support/tcp.ts';

const X = '10.0.0.100';
const SILENT = { onDatagram: () => {} };

interface Moved {
  readonly lan: Lan;
  readonly a: NetworkStack;
  readonly b: NetworkStack;
  readonly c: NetworkStack;
  /** X goes from B, which forwards, to C; A knows nothing of it. */
  move(): void;
}

function setUp(): Moved {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  const c = lan.host('C', '10.0.0.3/24');
  b.sysctl.set('net.ipv4.ip_forward', 1);
  b.addresses.add(nic(b), cidr(`${X}/32`));
  const move = (): void => {
    b.addresses.remove(nic(b), ip(X));
    c.addresses.add(nic(c), cidr(`${X}/32`));
  };
  return { lan, a, b, c, move };
}

describe('a packet to be forwarded', () => {
  it.each([
    [1, 'is swallowed', 3, 0],
    [0, 'goes on without early demux', 0, 1],
  ])('of a TCP connection of this host: ip_early_demux %i, %s', (value, _what, own, resets) => {
    const { lan, a, b, c, move } = setUp();
    b.sysctl.set('net.ipv4.ip_early_demux', value);
    echoServer(b, 80);
    const client = new Recorder();
    const connection = a.tcp.connect({ address: ip(X), port: 80 }, client);
    lan.run(1);
    move();
    connection.write(ascii('anybody there?'));
    lan.run(0.5);
    expect(b.drops.of(StackDrop.OwnConnection)).toBe(own);
    expect(c.drops.of(StackDrop.NoSocket)).toBe(resets);
  });

  it('to a listener, which is no connection, goes on', () => {
    const { lan, a, b, c, move } = setUp();
    echoServer(b, 80);
    echoServer(c, 80);
    lan.ping(a, X);
    lan.run(1);
    move();
    const connection = a.tcp.connect({ address: ip(X), port: 80 }, new Recorder());
    lan.run(0.5);
    expect(connection.isOpen).toBe(true);
    expect(c.tcp.connections()).toHaveLength(1);
  });

  it('is swallowed by a connected UDP socket from whose peer it is', () => {
    const { lan, a, b, c, move } = setUp();
    const connected = b.udp.bind({ address: ip(X), port: 53 }, SILENT);
    connected.connect(ip('10.0.0.1'), 4000);
    lan.ping(a, X);
    lan.run(1);
    move();
    a.udp.bind({ port: 4000 }, SILENT).sendTo(ip(X), 53, ascii('peer'));
    a.udp.bind({ port: 4001 }, SILENT).sendTo(ip(X), 53, ascii('other'));
    lan.run(0.5);
    expect(b.drops.of(StackDrop.OwnConnection)).toBe(1);
    expect(c.drops.of(StackDrop.NoSocket)).toBe(1);
    expect(connected.send(ascii('from nowhere'))).toBe('ENETUNREACH');
  });
});
