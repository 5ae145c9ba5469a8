// IPv6 egress IPs: the stack of the lab speaks no IPv6 yet.

import type { OvnScenario } from '../scenario.ts';

export const scenario: OvnScenario = {
  name: 'o10-ipv6',
  notCovered: 'no IPv6 packets yet',
  options: {},
  play() {},
  judge() {},
};
