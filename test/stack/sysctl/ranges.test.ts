// What Linux was measured to take as the value of a sysctl, and what the lab takes.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sysctlRange } from '../../../src/stack/sysctl/ranges.ts';
import { SysctlTree } from '../../../src/stack/sysctl/tree.ts';
import { parseTopology } from '../../../src/topology/parse.ts';

interface Fixture {
  readonly ranges: Readonly<Record<string, readonly [number, number]>>;
}

const FIXTURE = join(import.meta.dirname, '../../fixtures/kernel/sysctl-ranges.json');
const { ranges }: Fixture = JSON.parse(readFileSync(FIXTURE, 'utf8'));

describe('the range of a sysctl is that of the kernel', () => {
  // Its lower end is another sysctl's value.
  const measured = Object.entries(ranges).filter(([name]) => name !== 'ipfrag_high_thresh');
  test.each(measured)('%s', (name, [low, high]) => {
    expect(sysctlRange(name)).toEqual({ low: Math.max(low, 0), high });
  });
});

test('a value that Linux refuses is refused where it enters, with the range', () => {
  const { diagnostics } = parseTopology(
    `name: x
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  db:
    sysctls: { ip_default_ttl: 0, net.ipv4.tcp_syn_retries: 128, icmp_echo_ignore_all: 2, arp_ignore: -1 }
    interfaces: { eth0: { segment: lan, address: 192.168.50.10, sysctls: { locktime: 858993460 } } }
scenario:
  duration: 1s
  steps: [{ at: 0s, sysctl: { ip_default_ttl: 256 }, on: db }]
`,
    { file: 'x' },
  );
  expect(diagnostics.map(({ message, remedy }) => `${message}: ${remedy}`)).toEqual([
    'ip_default_ttl cannot be 0: Linux takes 1 to 255',
    'net.ipv4.tcp_syn_retries cannot be 128: Linux takes 1 to 127',
    'icmp_echo_ignore_all cannot be 2: Linux takes 0 to 1',
    'arp_ignore cannot be -1: Linux takes 0 to 2147483647',
    'locktime cannot be 858993460: Linux takes 0 to 858993459',
    'ip_default_ttl cannot be 256: Linux takes 1 to 255',
  ]);
});

test.each([0, 256, 1.5, Number.NaN, 2 ** 40])('a stack does not take %d as its TTL', (value) => {
  const tree = new SysctlTree();
  expect(() => tree.set('net.ipv4.ip_default_ttl', value)).toThrow(
    expect.objectContaining({
      code: 'EGL_SYSCTL_VALUE',
      hint: 'Linux takes whole numbers from 1 to 255.',
    }),
  );
  expect(tree.host.ip_default_ttl).toBe(64);
});
