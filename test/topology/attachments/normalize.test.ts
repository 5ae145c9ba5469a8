// `attach:`: what each kind becomes, and what is said about every mistake.

import { describe, expect, test } from 'vitest';
import { createLab } from '../../../src/lab/lab.ts';
import type { AttachmentSpec } from '../../../src/topology/attachments/attachment.ts';
import { formatCidr, formatIpv4 } from '../../../src/wire/ipv4-address.ts';
import { problems, sound } from '../support.ts';

const lab = (attach: string): string => `name: lab
segments: { lan: { subnet: 192.168.50.0/24, mtu: 9000 }, bare: {} }
hosts:
  gateway:
    interfaces:
      lan: { segment: lan, address: 192.168.50.1/24 }
      wan: { address: 203.0.113.2/30 }
attach: [{ tun: t0, host: gateway, interface: wan, peer: 203.0.113.1/30 }, ${attach}]
`;

function attached(text: string): AttachmentSpec | undefined {
  return sound(lab(text)).attachments[1];
}

describe('an attachment', () => {
  test('by TAP takes MTU from its segment and a MAC of its own', () => {
    const spec = attached('{ tap: egl0, segment: lan, address: 192.168.50.2, netns: lab1 }');
    expect(spec).toMatchObject({ kind: 'tap', name: 'egl0', netns: 'lab1', mtu: 9000 });
    expect(spec).toMatchObject({ configure: true, offload: true, routes: [] });
    if (spec?.kind !== 'tap' || spec.address === null) throw new Error('it is a TAP');
    expect(formatCidr(spec.address)).toBe('192.168.50.2/24');
  });

  test('by TAP may have routes into the lab', () => {
    const text =
      '{ tap: egl0, segment: lan, address: 192.168.50.2/24, gateway: 192.168.50.1, routes: [{ to: 10.0.0.0/8, via: 192.168.50.9 }] }';
    const spec = attached(text);
    if (spec?.kind !== 'tap') throw new Error('it is a TAP');
    const routes = spec.routes.map(({ to, via }) => [formatCidr(to), via && formatIpv4(via)]);
    expect(routes).toEqual([
      ['10.0.0.0/8', '192.168.50.9'],
      ['0.0.0.0/0', '192.168.50.1'],
    ]);
  });

  test('by AF_PACKET names an interface and a segment', () => {
    const spec = attached('{ packet: veth0, segment: bare }');
    expect(spec).toMatchObject({ kind: 'packet', name: 'veth0', segment: 'bare', netns: null });
  });

  test('is captured as kernel/<device> when nothing else is said', () => {
    const { capture } = sound(lab('{ tap: egl0, segment: lan }'));
    expect(capture.ports.map(({ text }) => text)).toEqual([
      'gateway/lan',
      'gateway/wan',
      'kernel/t0',
      'kernel/egl0',
      'drops',
    ]);
  });

  test('is refused in virtual time', () => {
    const topology = sound(lab('{ tap: egl0, segment: lan }'));
    expect(() => createLab(topology)).toThrow(
      expect.objectContaining({ code: 'EGL_ATTACH_NEEDS_REALTIME' }),
    );
  });
});

describe('a mistake under attach is told with its cure:', () => {
  test.each([
    [
      'an unknown segment',
      '{ tap: e0, segment: lam }',
      'there is no segment "lam" → did you mean "lan"?',
    ],
    [
      'an address outside the segment',
      '{ tap: e0, segment: lan, address: 10.0.0.1/24 }',
      '10.0.0.1 is outside 192.168.50.0/24',
    ],
    [
      'an address without length',
      '{ tap: e0, segment: bare, address: 10.0.0.1 }',
      '10.0.0.1 needs a prefix length',
    ],
    ['a name too long', '{ tap: abcdefghijklmnop, segment: lan }', '1 to 15 characters'],
    ['an MTU out of range', '{ tap: e0, segment: lan, mtu: 67 }', 'expected an MTU, 68 to 65521'],
    [
      'an MTU out of range',
      '{ tap: e0, segment: lan, mtu: 65522 }',
      'expected an MTU, 68 to 65521',
    ],
    [
      'an impossible namespace',
      '{ tap: e0, segment: lan, netns: ../../etc }',
      'the name of a namespace',
    ],
    [
      'a MAC of a group',
      '{ tap: e0, segment: lan, mac: "01:00:00:00:00:01" }',
      'the MAC address of a station',
    ],
    [
      'a gateway elsewhere',
      '{ tap: e0, segment: lan, address: 192.168.50.2/24, gateway: 10.0.0.1 }',
      '10.0.0.1 is not in 192.168.50.0/24',
    ],
    [
      'routes without configuration',
      '{ tap: e0, segment: lan, configure: false, gateway: 192.168.50.1 }',
      'routes need a configured device',
    ],
    [
      'a device twice',
      '{ tun: t0, host: gateway, interface: wan, peer: 203.0.113.1/30 }',
      't0 is already attached',
    ],
    [
      'an interface twice',
      '{ tun: t1, host: gateway, interface: wan, peer: 203.0.113.1/30 }',
      'gateway/wan is already attached',
    ],
    [
      'an interface with a segment',
      '{ tun: t1, host: gateway, interface: lan, peer: 203.0.113.1/30 }',
      'gateway/lan is already on segment "lan"',
    ],
    [
      'an unknown host',
      '{ tun: t1, host: gatway, interface: wan, peer: 203.0.113.1/30 }',
      'there is no host or node "gatway" → did you mean "gateway"?',
    ],
    [
      'an unknown interface',
      '{ tun: t1, host: gateway, interface: won, peer: 203.0.113.1/30 }',
      'there is no interface "won" → did you mean "wan"?',
    ],
    [
      'an unknown key',
      '{ tap: e0, segmnt: lan }',
      'unknown key "segmnt" → did you mean "segment"?',
    ],
    ['no kind at all', '{ segment: lan }', 'it needs one of: tap, tun, packet, raw'],
    [
      'an address of nobody',
      '{ raw: 198.51.100.1, host: gateway, interface: wan }',
      'must have the address 198.51.100.1',
    ],
  ])('%s', (_what, attach, expected) => {
    expect(problems(lab(attach)).join('\n')).toContain(expected);
  });

  test('a peer that is not of the same network', () => {
    const text = lab('{ packet: v0, segment: lan }').replace(
      'peer: 203.0.113.1/30',
      'peer: 198.51.100.1/30',
    );
    expect(problems(text).join('\n')).toContain('does not hold 203.0.113.2');
  });

  test('a peer that is the interface itself', () => {
    const text = lab('{ packet: v0, segment: lan }').replace(
      'peer: 203.0.113.1/30',
      'peer: 203.0.113.2/30',
    );
    expect(problems(text).join('\n')).toContain('is the address of gateway/wan itself');
  });

  test('an interface without segment that nobody attaches', () => {
    const text = lab('{ packet: v0, segment: lan }').replace(
      'wan: { address',
      'wan: { address: 203.0.113.2/30 }\n      dmz: { address',
    );
    expect(problems(text).join('\n')).toContain(
      '"segment" is missing → "dmz" needs the key "segment"',
    );
  });

  test('a host that is called as the kernel', () => {
    const text = lab('{ packet: v0, segment: lan }').replaceAll('gateway', 'kernel');
    expect(problems(text).join('\n')).toContain('"kernel" means the devices of this machine');
  });
});
