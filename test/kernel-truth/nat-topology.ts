// The network of the SNAT scenarios (nat-topology.sh):
//
//   P1 .11  P2 .12  P3 .13        N1 .1/.1      S .10   R .254 -- R.far .1   T .10
//   ------ brint 10.1.0.0/24 ---- N2 .2/.2 ---- brext 192.0.2.0/24 -----+--- brfar 198.51.100.0/24
//                                 EIP 192.0.2.100 (on N1 or N2)

import type { Roles } from './fixture.ts';
import { CABLE, nic } from './lan.ts';
import type { World } from './world.ts';

export const EIP = '192.0.2.100';
export const SIP = '192.0.2.10';
export const TIP = '198.51.100.10';

export function natTopology(roles: Roles): object {
  const pod = (role: string): object => ({
    interfaces: { eth0: nic(roles, role, 'brint', 24) },
    gateway: '10.1.0.1',
  });
  const node = (name: string): object => ({
    interfaces: {
      int0: nic(roles, `${name}.int`, 'brint', 24),
      ext0: nic(roles, `${name}.ext`, 'brext', 24),
    },
    forwarding: true,
    gateway: '192.0.2.254',
  });
  return {
    name: 'nat',
    segments: { brint: CABLE, brext: CABLE, brfar: CABLE },
    hosts: {
      P1: pod('P1'),
      P2: pod('P2'),
      P3: pod('P3'),
      N1: node('N1'),
      N2: node('N2'),
      S: { interfaces: { eth0: nic(roles, 'S', 'brext', 24) }, gateway: '192.0.2.254' },
      R: {
        interfaces: {
          ext0: nic(roles, 'R.ext', 'brext', 24),
          far0: nic(roles, 'R.far', 'brfar', 24),
        },
        forwarding: true,
      },
      T: { interfaces: { eth0: nic(roles, 'T', 'brfar', 24) }, gateway: '198.51.100.1' },
    },
    scenario: { duration: '1s' },
  };
}

/** EIP on N1, the captures, and SNAT on the given nodes. */
export function prepareNat(world: World, ...nodes: readonly string[]): void {
  world.x('N1', `ip addr add ${EIP}/32 dev ext0`);
  world.captureSwitch('int', 'brint');
  world.captureSwitch('ext', 'brext');
  for (const node of nodes) snat(world, node);
}

/** gt_snat. */
export function snat(world: World, node: string, to: string = EIP, more = ''): void {
  world.x(
    node,
    `iptables -w -t nat -A POSTROUTING -s 10.1.0.0/24 -o ext0 -j SNAT --to-source ${to} ${more}`,
  );
}

/** gt_prime_all: neighbor entries everywhere, so that the cases show no ARP. */
export function primeAll(world: World): void {
  for (const pod of ['P1', 'P2', 'P3']) world.prime(pod, '10.1.0.1');
  world.prime('N1', SIP);
  world.prime('N1', '192.0.2.254');
  world.prime('R', TIP);
  world.prime('S', '192.0.2.254');
  world.prime('S', EIP);
  world.prime('R', EIP);
  world.x('N1', 'conntrack -F');
}
