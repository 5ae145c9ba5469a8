// How a step of the fuzzer becomes a frame from what came out of a host.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/sim/random.ts';
import { arp, ethernet, type IpFields, icmp, ipv4, tcp, udp } from './build.ts';
import { type Emission, type Reaction, type Step, toHex } from './case.ts';
import { generate } from './generator.ts';
import { layout, onesSum, pseudoSum } from './layout.ts';
import { react } from './reaction.ts';

const LINK = { to: '02:00:00:00:00:02', from: '02:00:00:00:02:10' };
const NOTHING = new Uint8Array(0);
/** What a host made of a client's packet, and what the server's side knows of it. */
const TRANSLATED = { source: '192.0.2.100', destination: '192.0.2.10', id: 77 };
const GUESSED = { source: '192.0.2.10', destination: '192.0.2.1', id: 5 };

function heard(fields: Omit<IpFields, 'id'>, payload: Uint8Array): Emission {
  return { on: 'eth1', octets: ethernet(LINK, ipv4({ id: 77, ...fields }, payload)) };
}

function step(fields: IpFields, payload: Uint8Array): Step {
  return { on: 'eth1', frame: toHex(ethernet(LINK, ipv4(fields, payload))), wait: 0 };
}

function resolve(template: Step, reaction: Partial<Reaction>, emissions: readonly Emission[]) {
  const { with: how = 'answer', on = 'eth1', kind = 'udp', ...rest } = reaction;
  return react(template, { with: how, on, kind, ...rest }, emissions);
}

/** 0xffff where the checksum of the whole transport payload is right. */
function transportSum(octets: Uint8Array): number {
  const at = layout(octets);
  if (at === null) return 0;
  const { l3, l4, end, protocol } = at;
  const start = protocol === 1 ? 0 : pseudoSum(octets, l3, protocol, end - l4);
  return onesSum(octets, l4, end, start);
}

function headerSum(octets: Uint8Array): number {
  return onesSum(octets, 14, layout(octets)?.l4 ?? 0);
}

describe('an answer', () => {
  const request = { ...TRANSLATED, protocol: 17 };
  const datagram = udp(
    request,
    { sourcePort: 23_456, destinationPort: 53 },
    new Uint8Array(4).fill(9),
  );
  const guess = { ...GUESSED, protocol: 17 };
  const ports = { sourcePort: 1, destinationPort: 40_000 };

  test('goes to the address and port that the host has drawn, with right checksums', () => {
    const template = step(guess, udp(guess, ports, new Uint8Array(3).fill(7)));
    const octets = resolve(template, { id: 77 }, [heard(request, datagram)]) ?? NOTHING;
    const view = new DataView(octets.buffer);
    expect([...octets.subarray(26, 34)]).toEqual([192, 0, 2, 10, 192, 0, 2, 100]);
    expect([view.getUint16(34), view.getUint16(36)]).toEqual([53, 23_456]);
    expect([headerSum(octets), transportSum(octets)]).toEqual([0xffff, 0xffff]);
  });

  test('keeps a wrong checksum as wrong as it was, and none at all', () => {
    const wrong = step(guess, udp(guess, { ...ports, checksumError: 0x0100 }, NOTHING));
    const none = step(guess, udp(guess, { ...ports, checksum: 'none' }, NOTHING));
    const emissions = [heard(request, datagram)];
    expect(transportSum(resolve(wrong, {}, emissions) ?? NOTHING)).not.toBe(0xffff);
    const octets = resolve(none, {}, emissions) ?? NOTHING;
    expect(new DataView(octets.buffer).getUint16(40)).toBe(0);
  });

  test('may keep its own port, for somebody who answers from elsewhere', () => {
    const template = step(guess, udp(guess, ports, NOTHING));
    const emissions = [heard(request, datagram)];
    const octets = resolve(template, { keeps: 'source-port' }, emissions) ?? NOTHING;
    expect(new DataView(octets.buffer).getUint16(34)).toBe(1);
    expect(transportSum(octets)).toBe(0xffff);
  });

  test('is not sent when nothing came out that it answers', () => {
    const template = step(guess, udp(guess, ports, NOTHING));
    const emissions = [heard(request, datagram)];
    expect(resolve(template, { id: 78 }, emissions)).toBeNull();
    expect(resolve(template, { on: 'eth0' }, emissions)).toBeNull();
    expect(resolve(template, { kind: 'tcp' }, emissions)).toBeNull();
    expect(resolve(template, { back: 1 }, emissions)).toBeNull();
  });

  test('counts TCP numbers from what the segment acknowledges and where it ends', () => {
    const ends = { ...TRANSLATED, protocol: 6 };
    const numbers = { sequence: 1_000, acknowledgment: 0xffff_fffe, flags: 0x18, window: 1 };
    const segment = tcp(
      ends,
      { sourcePort: 999, destinationPort: 80, ...numbers },
      new Uint8Array(5),
    );
    const answer = { ...GUESSED, protocol: 6 };
    const relative = { sequence: 4, acknowledgment: 2, flags: 0x10, window: 1 };
    const template = step(answer, tcp(answer, { ...ports, ...relative }, NOTHING));
    const octets = resolve(template, { kind: 'tcp' }, [heard(ends, segment)]) ?? NOTHING;
    const view = new DataView(octets.buffer);
    expect([view.getUint32(38), view.getUint32(42)]).toEqual([2, 1_007]);
    expect(transportSum(octets)).toBe(0xffff);
  });

  test('to an echo request has the identifier that NAT has given it', () => {
    const ends = { ...TRANSLATED, protocol: 1 };
    const request = icmp({ type: 8, code: 0, rest: 0xabcd_0003 }, new Uint8Array(8));
    const reply = step({ ...GUESSED, protocol: 1 }, icmp({ type: 0, code: 0, rest: 1 }, NOTHING));
    const octets = resolve(reply, { kind: 'icmp' }, [heard(ends, request)]) ?? NOTHING;
    expect(new DataView(octets.buffer).getUint32(38)).toBe(0xabcd_0003);
    expect(transportSum(octets)).toBe(0xffff);
  });

  test('to ARP waits for a request for its address', () => {
    const ask = {
      operation: 1,
      senderMac: LINK.to,
      senderIp: '192.0.2.1',
      targetMac: '00:00:00:00:00:00',
      targetIp: '192.0.2.10',
    };
    const question = { on: 'eth1', octets: ethernet({ ...LINK, type: 0x0806 }, arp(ask)) };
    const template = { on: 'eth1', frame: '00', wait: 0 };
    const wanted = { kind: 'arp', address: '192.0.2.10' } as const;
    expect(resolve(template, wanted, [question])).toEqual(Uint8Array.of(0));
    expect(resolve(template, { ...wanted, address: '192.0.2.11' }, [question])).toBeNull();
    expect(resolve(template, wanted, [])).toBeNull();
  });
});

describe('an error', () => {
  const request = { ...TRANSLATED, protocol: 17 };
  const datagram = udp(request, { sourcePort: 23_456, destinationPort: 53 }, new Uint8Array(30));
  const template = step(
    { ...GUESSED, protocol: 1 },
    icmp({ type: 3, code: 3, rest: 0 }, new Uint8Array(0)),
  );

  test.each([28, 27, 1_000])('quotes what came out, up to %i octets', (quoted) => {
    const { octets: cause } = heard(request, datagram);
    const octets = resolve(template, { with: 'error', quoted }, [heard(request, datagram)]);
    expect(octets?.subarray(42)).toEqual(cause.subarray(14, 14 + Math.min(quoted, 58)));
    expect([...(octets ?? NOTHING).subarray(30, 34)]).toEqual([192, 0, 2, 100]);
    expect(headerSum(octets ?? NOTHING)).toBe(0xffff);
    expect(transportSum(octets ?? NOTHING)).toBe(0xffff);
  });

  test('may quote wrongly, under a right checksum', () => {
    const reaction = { with: 'error', quoted: 28, spoiled: [20, 0x0101] } as const;
    const octets = resolve(template, reaction, [heard(request, datagram)]) ?? NOTHING;
    expect(new DataView(octets.buffer).getUint16(62)).toBe(23_456 + 0x0101);
    expect(transportSum(octets)).toBe(0xffff);
  });
});

test('a case is a function of its seed', () => {
  for (let i = 0; i < 50; i++) {
    const once = generate(new Random(7).fork(`case ${i}`), 'once');
    expect(generate(new Random(7).fork(`case ${i}`), 'once')).toEqual(once);
  }
});
