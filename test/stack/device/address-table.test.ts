import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scope } from '../../../src/stack/device/address.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { addressLines } from '../../../src/view/interfaces.ts';
import { routeLines } from '../../../src/view/routes.ts';
import { formatCidr, type Ipv4Cidr, ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { ip } from '../../support/frames.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

function host(...addresses: string[]): NetworkStack {
  return new Lan().host('A', ...addresses);
}

function shown(stack: NetworkStack): string[] {
  return nic(stack).addresses.map(
    (held) => `${formatCidr(held)}${held.secondary ? ' secondary' : ''}`,
  );
}

const routes = routeLines;

describe('primaries and secondaries', () => {
  test('the first address of a subnet is primary; secondaries are listed behind all primaries', () => {
    const stack = host('10.1.0.1/16', '10.1.1.1/24', '10.1.1.2/24', '192.168.7.1/24');
    expect(shown(stack)).toEqual([
      '10.1.0.1/16',
      '10.1.1.1/24',
      '192.168.7.1/24',
      '10.1.1.2/24 secondary',
    ]);
    expect(addressLines(stack)[1]).toBe(
      'eth0 UP 10.1.0.1/16 10.1.1.1/24 192.168.7.1/24 10.1.1.2/24',
    );
  });

  test('a primary takes along the secondaries of its own prefix length only (measured: 6.18)', () => {
    const stack = host('10.1.0.1/16', '10.1.1.1/24', '10.1.1.2/24');
    stack.addresses.remove(nic(stack), ip('10.1.0.1'));
    expect(shown(stack)).toEqual(['10.1.1.1/24', '10.1.1.2/24 secondary']);
    stack.addresses.remove(nic(stack), ip('10.1.1.1'));
    expect(shown(stack)).toEqual([]);
    expect(stack.addresses.isLocal(ip('10.1.1.2'))).toBe(false);
  });

  test('with promote_secondaries the next one inherits, and the route leaves from it (measured: 6.18)', () => {
    const stack = host('10.0.0.1/24', '10.0.0.2/24', '10.0.0.3/24');
    stack.sysctl.set('promote_secondaries', 1, 'eth0');
    expect(routes(stack)).toEqual(['10.0.0.0/24 dev eth0 scope link src 10.0.0.1']);
    stack.addresses.remove(nic(stack), ip('10.0.0.1'));
    expect(shown(stack)).toEqual(['10.0.0.2/24', '10.0.0.3/24 secondary']);
    expect(routes(stack)).toEqual(['10.0.0.0/24 dev eth0 scope link src 10.0.0.2']);
    expect(stack.ipv4.route(ip('10.0.0.9'))).toMatchObject({ source: ip('10.0.0.2') });
  });

  test('a secondary goes alone', () => {
    const stack = host('10.0.0.1/24', '10.0.0.2/24', '10.0.0.3/24');
    stack.addresses.remove(nic(stack), ip('10.0.0.2'));
    expect(shown(stack)).toEqual(['10.0.0.1/24', '10.0.0.3/24 secondary']);
  });
});

describe('adding and removing', () => {
  test('twice is refused, and nothing is reported', () => {
    const lan = new Lan();
    const stack = lan.host('A', '10.0.0.1/24');
    expect(stack.addresses.add(nic(stack), cidr('10.0.0.1/24'))).toBe(false);
    expect(stack.addresses.remove(nic(stack), ip('10.0.0.9'))).toBe(false);
    expect(lan.eventsOf('address-added', stack).map(({ fields }) => fields)).toEqual([
      { address: '127.0.0.1/8', interface: 'lo' },
      { address: '10.0.0.1/24', interface: 'eth0' },
    ]);
    expect(lan.eventsOf('address-removed')).toEqual([]);
  });

  test('an address on two interfaces is local until both have lost it', () => {
    const lan = new Lan();
    const stack = lan.host('A', '10.0.0.1/24');
    const other = lan.plug(stack, 'eth1', { addresses: ['10.0.0.1/32'] });
    expect(stack.addresses.holders(ip('10.0.0.1'))).toEqual([nic(stack), other]);
    stack.addresses.remove(nic(stack), ip('10.0.0.1'));
    expect(stack.addresses.isLocal(ip('10.0.0.1'))).toBe(true);
    stack.addresses.remove(other, ip('10.0.0.1'));
    expect(stack.addresses.isLocal(ip('10.0.0.1'))).toBe(false);
  });

  test('a broadcast address is known as long as one address has it', () => {
    const stack = host('10.0.0.1/24', '10.0.0.2/24');
    expect(stack.addresses.isSubnetBroadcast(ip('10.0.0.255'))).toBe(true);
    stack.addresses.remove(nic(stack), ip('10.0.0.2'));
    expect(stack.addresses.isSubnetBroadcast(ip('10.0.0.255'))).toBe(true);
    stack.addresses.remove(nic(stack), ip('10.0.0.1'));
    expect(stack.addresses.isSubnetBroadcast(ip('10.0.0.255'))).toBe(false);
  });

  test('whatever comes and goes, what is local is what stands on the interfaces', () => {
    const someCidr: fc.Arbitrary<Ipv4Cidr> = fc.record({
      address: fc.integer({ min: 0, max: 40 }).map((n) => ipv4Address(0x0a00_0000 + n * 3)),
      prefixLength: fc.constantFrom(24, 28, 30, 31, 32),
    });
    const change = fc.tuple(fc.boolean(), fc.constantFrom('eth0', 'eth1'), someCidr);
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), fc.boolean(), (changes, promotes) => {
        const lan = new Lan();
        const stack = lan.host('A');
        lan.plug(stack, 'eth1');
        stack.sysctl.set('promote_secondaries', promotes ? 1 : 0);
        for (const [adds, name, each] of changes) {
          // Asked before and after: remembered answers must not outlive a change.
          stack.addresses.isLocal(each.address);
          const iface = nic(stack, name);
          const had = iface.addresses.some(({ address }) => address === each.address);
          const done = adds
            ? stack.addresses.add(iface, each)
            : stack.addresses.remove(iface, each.address);
          expect(done).toBe(had !== adds);
          for (let n = 0; n <= 40; n++) {
            const address = ipv4Address(0x0a00_0000 + n * 3);
            const holders = stack.interfaces.filter((own) =>
              own.addresses.some((held) => held.address === address),
            );
            expect(stack.addresses.isLocal(address)).toBe(holders.length > 0);
            expect(new Set(stack.addresses.holders(address))).toEqual(new Set(holders));
          }
          for (const own of stack.interfaces.slice(1)) {
            // Each secondary has a primary of its subnet, and each primary's subnet has its route.
            for (const held of own.addresses) {
              const peers = own.addresses.filter(
                (other) =>
                  other.prefixLength === held.prefixLength &&
                  formatNetwork(other) === formatNetwork(held),
              );
              expect(peers.filter((other) => !other.secondary)).toHaveLength(1);
            }
            const primaries = own.addresses.filter((held) => !held.secondary);
            const wanted = primaries.filter((held) => held.prefixLength < 32);
            const got = stack.routes.routes.filter((route) => route.iface === own);
            expect(got.map(({ source }) => source).sort()).toEqual(
              wanted.map((held) => held.address).sort(),
            );
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

function formatNetwork({ address, prefixLength }: Ipv4Cidr): number {
  return prefixLength === 0 ? 0 : (address >>> (32 - prefixLength)) >>> 0;
}

describe('source selection', () => {
  test('prefers the primary whose subnet holds the target, then the first primary', () => {
    const stack = host('10.0.0.1/24', '10.0.0.2/24', '192.168.7.1/24');
    const from = (target: string): number => stack.addresses.select(nic(stack), ip(target));
    expect(from('10.0.0.77')).toBe(ip('10.0.0.1'));
    expect(from('192.168.7.9')).toBe(ip('192.168.7.1'));
    expect(from('172.16.0.1')).toBe(ip('10.0.0.1'));
  });

  test('an address of host scope does not leave the host', () => {
    const stack = host();
    expect(stack.addresses.select(stack.loopback, ip('8.8.8.8'))).toBe(0);
    expect(stack.addresses.select(stack.loopback, ip('8.8.8.8'), Scope.Host)).toBe(ip('127.0.0.1'));
  });
});
