// The agent of one node: it decides nothing, and says at its start which pods leave by which node.

import type { EgressEvents } from '../../../src/fabric/egress-events.ts';
import type { FabricSite } from '../../../src/fabric/network.ts';
import type { FabricProcess } from '../../../src/fabric/process.ts';
import type { Emitter } from '../../../src/sim/event-log.ts';
import { LifeCycle } from '../../../src/sim/life-cycle.ts';
import { formatIpv4 } from '../../../src/wire/ipv4-address.ts';
import type { StaticSettings } from './section.ts';

export const NAMESPACE = 'static-fabric';

export function staticAgent(
  { api, events, plan }: FabricSite,
  { gateways }: StaticSettings,
  node: string,
): FabricProcess {
  const pod = `static-${node}`;
  const words: Emitter<EgressEvents> = events;
  const log = api.logs.open(pod, NAMESPACE);
  const lives = new LifeCycle({
    begin: () => {
      log.clear();
      log.append('all namespaces have their gateways');
      for (const [namespace, gateway] of Object.entries(gateways)) {
        const here = plan.pods.filter((each) => each.namespace === namespace && each.node === node);
        const address = plan.nodes.find(({ name }) => name === gateway)?.address.address;
        if (here.length === 0 || address === undefined) continue;
        const via = [formatIpv4(address)];
        const pods = here.map(({ name }) => name);
        const fields = { namespace, pods, outcome: 'via', ips: via, nodes: via } as const;
        words.emit(node, 'namespace-egress', fields);
      }
      return { log };
    },
    end: () => undefined,
  });
  return {
    pod,
    node,
    namespace: NAMESPACE,
    container: 'static',
    role: 'agent',
    get isRunning() {
      return lives.isRunning;
    },
    start: () => lives.start(),
    stop: () => lives.stop(),
  };
}
