// What an interface lets in and out: the filter of a NIC, and the names of what it drops.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/wire/frame.ts';
import { BROADCAST_MAC, isGroupMac, macAddress } from '../../../src/wire/mac-address.ts';
import * as tcp from '../../../src/wire/tcp.ts';
import { anyMac } from '../../support/arbitraries.ts';
import {
  echoFrame,
  filledFrame,
  ip,
  L4,
  MAC_A,
  MAC_B,
  tcpFrame,
  udpFrame,
} from '../../support/frames.ts';
import { arrive, packetsFrom, toInterface } from '../../support/injection.ts';
import { Lan, nic } from '../../support/lan.ts';

function host() {
  const lan = new Lan();
  const stack = lan.host('A', '10.0.0.1/24');
  const iface = nic(stack);
  /** A frame of a protocol that no host has: it is counted when it gets through. */
  const passes = (destination: number): boolean => {
    const before = stack.drops.of('unknown-ethertype');
    const frame = filledFrame(60);
    frame.view.setUint16(frame.start, destination / 2 ** 32);
    frame.view.setUint32(frame.start + 2, destination % 2 ** 32);
    arrive(iface, frame);
    return stack.drops.of('unknown-ethertype') > before;
  };
  return { lan, stack, iface, passes };
}

describe('an interface', () => {
  test('takes what is for it or for many; what is for another is no drop', () => {
    const { iface, passes, stack } = host();
    fc.assert(
      fc.property(anyMac, (destination) => {
        const others = iface.otherHostFrames;
        const mine = destination === iface.mac || isGroupMac(destination);
        expect(passes(destination)).toBe(mine);
        expect(iface.otherHostFrames).toBe(mine ? others : others + 1);
      }),
    );
    expect(passes(iface.mac)).toBe(true);
    expect(passes(BROADCAST_MAC)).toBe(true);
    expect(stack.drops.of('other-host')).toBe(0);
  });

  test('takes everything when it is promiscuous', () => {
    const { iface, passes } = host();
    expect(passes(MAC_B)).toBe(false);
    iface.promiscuous = true;
    expect(passes(MAC_B)).toBe(true);
  });

  test('without ARP has no addresses to compare', () => {
    const { stack, iface } = host();
    const tun = stack.addInterface({ name: 'tun0', mac: MAC_A, noArp: true });
    arrive(tun, toInterface(iface, filledFrame(60)));
    expect(stack.drops.entries()).toEqual([['unknown-ethertype', 1]]);
  });

  test('follows its MAC address', () => {
    const { stack, iface, passes } = host();
    stack.setInterfaceMac(iface, MAC_B);
    expect(passes(MAC_B)).toBe(true);
  });

  test('drops by name what is too short, what comes while it is down, or the host without power', () => {
    const { stack, iface } = host();
    for (let length = 0; length < 14; length++) arrive(iface, filledFrame(length));
    expect(stack.drops.entries()).toEqual([['runt-frame', 14]]);
    arrive(iface, toInterface(iface, filledFrame(14)));
    expect(stack.drops.entries(), 'a header is enough').toEqual([
      ['runt-frame', 14],
      ['unknown-ethertype', 1],
    ]);
    stack.setInterfaceUp(iface, false);
    arrive(iface, filledFrame(60));
    expect(stack.drops.of('link-down')).toBe(1);
    stack.powerOff();
    arrive(iface, filledFrame(60));
    expect(stack.drops.of('powered-off')).toBe(1);
  });

  test('sends while it is up, plugged in and has power, and else drops by name', () => {
    const conditions = fc.record({ up: fc.boolean(), carrier: fc.boolean(), power: fc.boolean() });
    fc.assert(
      fc.property(conditions, ({ up, carrier, power }) => {
        const { lan, stack, iface } = host();
        lan.link(iface).setCarrier(carrier);
        stack.setInterfaceUp(iface, up);
        if (!power) stack.powerOff();
        const works = up && carrier && power;
        expect(iface.operational).toBe(works);
        const sent = packetsFrom(iface);
        iface.transmit(echoFrame(8, 1, 1, new Uint8Array(8)));
        expect(sent).toHaveLength(works ? 1 : 0);
        expect(stack.drops.of('link-down')).toBe(works ? 0 : 1);
      }),
    );
  });

  test('transmits a frame once: then it belongs to everybody', () => {
    const { iface } = host();
    const frame = echoFrame(8, 1, 1, new Uint8Array(8));
    iface.transmit(frame);
    expect(frame.sealed).toBe(true);
    expect(() => iface.transmit(frame)).toThrow('transmitted once');
  });
});

describe('what a kernel device hands over', () => {
  /** TCP data for three segments of 1,000 octets under one header. */
  const large = (toMac: number): Frame => {
    const segment = { sourcePort: 6000, destinationPort: 80, sequenceNumber: 1, flags: 0x10 };
    const ends = { source: ip('10.0.0.2'), destination: ip('10.0.0.1'), toMac: macAddress(toMac) };
    const frame = tcpFrame(segment, new Uint8Array(2500), ends);
    frame.offload = { segmentSize: 1000, checksumStart: L4, checksumOffset: 16, hasCwr: false };
    return frame;
  };
  const received = (accepts: boolean, make: (toMac: number) => Frame): Frame[] => {
    const { stack, iface } = host();
    const frames: Frame[] = [];
    iface.acceptsOffload = accepts;
    stack.receive = (frame) => frames.push(frame);
    arrive(iface, make(iface.mac));
    return frames;
  };

  test('is cut by an interface without offloads, and whole for one that has them', () => {
    const cut = received(false, large);
    expect(cut.map((frame) => frame.length - L4 - tcp.HEADER_LENGTH)).toEqual([1000, 1000, 500]);
    expect(cut.every(({ offload }) => offload === null)).toBe(true);
    expect(received(true, large).map((frame) => frame.length - L4 - 20)).toEqual([2500]);
  });

  test('is copied when it is on loan, unless it is TCP data for many segments', () => {
    const onLoan = (frame: Frame): Frame => Object.assign(frame, { onLoan: true });
    const small = (toMac: number): Frame =>
      onLoan(udpFrame(1, 2, new Uint8Array(8), { toMac: macAddress(toMac) }));
    expect(received(true, small).map((frame) => frame.onLoan)).toEqual([false]);
    const unfinished = (toMac: number): Frame =>
      Object.assign(small(toMac), {
        offload: { segmentSize: 0, checksumStart: L4, checksumOffset: 6, hasCwr: false },
      });
    expect(received(true, unfinished).map((frame) => frame.onLoan)).toEqual([false]);
    expect(received(true, (toMac) => onLoan(large(toMac))).map(({ onLoan: loan }) => loan)).toEqual(
      [true],
    );
  });

  test('is handed on as it is when it lasts', () => {
    let frame: Frame | null = null;
    const frames = received(true, (toMac) => {
      frame = udpFrame(1, 2, new Uint8Array(8), { toMac: macAddress(toMac) });
      return frame;
    });
    expect(frames[0]).toBe(frame);
  });
});
