// Octets from outside never throw: they are counted drops, or frames that Linux would accept too.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import { NEIGHBOR_PROFILES, RESPONDER_STYLES } from '../../../src/stack/neighbor/profile.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import * as arp from '../../../src/wire/arp.ts';
import * as ethernet from '../../../src/wire/ethernet.ts';
import { ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { BROADCAST_MAC, macAddress } from '../../../src/wire/mac-address.ts';
import { EtherType } from '../../../src/wire/numbers.ts';
import { ip } from '../../support/frames.ts';
import { Lan, nic } from '../../support/lan.ts';

interface Scene {
  readonly lan: Lan;
  readonly a: NetworkStack;
  readonly b: NetworkStack;
}

function scene(): Scene {
  const lan = new Lan();
  return { lan, a: lan.host('A', '10.0.0.1/24'), b: lan.host('B', '10.0.0.2/24') };
}

/** Sends octets behind an Ethernet header of type ARP from B to everybody. */
function sendRaw({ lan, b }: Scene, octets: Uint8Array): void {
  const frame = lan.arena.allocate(ethernet.HEADER_LENGTH + octets.length);
  ethernet.emit(frame, BROADCAST_MAC, nic(b).mac, EtherType.Arp);
  frame.bytes.set(octets, frame.start + ethernet.HEADER_LENGTH);
  nic(b).transmit(frame);
}

const VALID: readonly number[] = [
  ...[0, 1, 8, 0, 6, 4, 0, 1],
  ...[2, 0, 0, 0, 0, 2, 10, 0, 0, 2],
  ...[0, 0, 0, 0, 0, 0, 10, 0, 0, 1],
];

describe('malformed ARP', () => {
  it.each([
    ['a truncated packet', VALID.slice(0, 27), 1],
    ['an empty packet', [], 1],
    ['another hardware type', VALID.with(1, 15), 1],
    ['another protocol', VALID.with(2, 0x86), 1],
    ['a wrong address length', VALID.with(4, 8), 1],
    ['an operation that is neither request nor reply', VALID.with(7, 3), 1],
    ['the IEEE 802 hardware type, which Linux accepts', VALID.with(1, 6), 0],
    ['padding, as a physical wire adds', [...VALID, ...new Array<number>(18).fill(0)], 0],
  ])('%s is a counted drop (%#: %i)', (_name, octets, drops) => {
    const all = scene();
    sendRaw(all, Uint8Array.from(octets));
    all.lan.run(0.01);
    expect(all.a.drops.of(StackDrop.BadArp)).toBe(drops);
    expect(all.lan.arps()).toHaveLength(drops === 1 ? 1 : 2);
  });

  it('of any kind never throws, on any profile', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 27 }), fc.integer({ min: 0, max: 255 })), {
          maxLength: 6,
        }),
        fc.constantFrom(...Object.values(NEIGHBOR_PROFILES)),
        fc.constantFrom(...RESPONDER_STYLES),
        (noise, changes, profile, responder) => {
          const all = scene();
          all.a.arp.setProfile(profile);
          all.a.arp.setResponder(responder);
          sendRaw(all, noise);
          const octets = Uint8Array.from(VALID);
          for (const [at, value] of changes) octets[at] = value;
          sendRaw(all, octets);
          all.lan.run(0.01);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('any well-formed ARP', () => {
  const octet = fc.constantFrom(0, 1, 2, 3, 9, 255);
  const address = fc.oneof(
    octet.map((last) => ipv4Address(0x0a00_0000 + last)),
    fc.constantFrom(ip('0.0.0.0'), ip('127.0.0.1'), ip('224.0.0.1'), ip('255.255.255.255')),
    fc.integer({ min: 0, max: 0xffff_ffff }).map(ipv4Address),
  );
  const mac = fc
    .oneof(
      fc.constantFrom(0, 0xffff_ffff_ffff, 0x0200_0000_0001, 0x0200_0000_0002, 0x0200_0000_00cc),
    )
    .map(macAddress);
  const claims = fc.record({
    operation: fc.constantFrom(arp.Operation.Request, arp.Operation.Reply),
    senderIp: address,
    senderMac: mac,
    targetIp: address,
    targetMac: mac,
    isBroadcast: fc.boolean(),
    pause: fc.constantFrom(0, 0.4, 1.1, 7),
  });

  it('keeps the invariants: no entry for us or for a group, a MAC for each valid entry, one answer at most', () => {
    fc.assert(
      fc.property(
        fc.array(claims, { maxLength: 12 }),
        fc.constantFrom(0, 1, 2),
        (frames, accept) => {
          const { lan, a, b } = scene();
          a.sysctl.set('net.ipv4.conf.eth0.arp_accept', accept);
          for (const { isBroadcast, pause, ...claim } of frames) {
            const before = lan.arps().length;
            const destination = isBroadcast ? BROADCAST_MAC : nic(a).mac;
            b.arp.send(nic(b), { ...claim, destination });
            lan.run(0.001);
            const answers = lan
              .arps()
              .slice(before + 1)
              .filter((line) => line.startsWith('A >'));
            expect(answers.length).toBeLessThanOrEqual(1);
            lan.run(pause);
          }
          for (const entry of a.neighbors.entries()) {
            expect(a.addresses.isLocal(entry.address)).toBe(false);
            expect(a.addresses.isSubnetBroadcast(entry.address)).toBe(false);
            expect(entry.valid).toBe(true);
          }
          expect(a.neighbors.entries()).toHaveLength(a.neighbors.size);
        },
      ),
      { numRuns: 300 },
    );
  });
});
