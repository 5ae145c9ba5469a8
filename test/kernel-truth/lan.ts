// Topologies of the scripts: hosts with eth0 on one bridge, MACs and addresses by role.

import type { Roles } from './fixture.ts';

/** Frames take some microseconds from veth to veth; it keeps cause and effect apart in a capture. */
export const CABLE = { latency: '5us' } as const;

/** gt_host for each: an interface eth0 on br0 with the role's MAC and address. */
export function lan(roles: Roles, ...hosts: readonly string[]): object {
  return {
    name: 'lan',
    segments: { br0: CABLE },
    hosts: Object.fromEntries(
      hosts.map((host) => [host, { interfaces: { eth0: nic(roles, host, 'br0', 24) } }]),
    ),
    scenario: { duration: '1s' },
  };
}

/** gt_if: an interface with the role's MAC and address. */
export function nic(roles: Roles, role: string, segment: string, prefixLength: number): object {
  const address = `${roles.ipOf(role)}/${prefixLength}`;
  return { segment, mac: roles.macOf(role), address };
}
