// Every scenario, in the order of the fixtures. A test makes sure that none is forgotten.

import type { OvnScenario } from '../scenario.ts';
import { scenario as garp } from './o1-garp.ts';
import { scenario as arpAnswers } from './o2-arp-answers.ts';
import { scenario as snatPorts } from './o3-snat-ports.ts';
import { scenario as garpTimeout } from './o4-garp-timeout.ts';
import { scenario as move } from './o5-move-tcp.ts';
import { scenario as inbound, plainScenario as inboundPlain } from './o6-inbound.ts';
import { scenario as ecmp } from './o7-ecmp.ts';
import { scenario as macBinding } from './o8-mac-binding.ts';
import { scenario as macBindingAgeing } from './o8b-mac-binding-ageing.ts';
import { scenario as icmpErrors } from './o9-icmp-errors.ts';
import { scenario as ipv6 } from './o10-ipv6.ts';
import { scenario as copp } from './o11-copp.ts';

export const OVN_SCENARIOS: readonly OvnScenario[] = [
  garp,
  arpAnswers,
  snatPorts,
  garpTimeout,
  move,
  inbound,
  inboundPlain,
  ecmp,
  macBinding,
  macBindingAgeing,
  icmpErrors,
  ipv6,
  copp,
];
