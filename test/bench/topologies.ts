// The labs that the benchmarks run, as topologies in code.

import { topologyFromObject } from '../../src/topology/parse.ts';
import type { Topology } from '../../src/topology/topology.ts';

function build(value: unknown): Topology {
  const { topology, diagnostics } = topologyFromObject(value, 'bench');
  if (topology === null) throw new Error(JSON.stringify(diagnostics, null, 1));
  return topology;
}

/** `senders` hosts and a receiver on one switch, each on a cable of 5 µs. */
export function star(senders: number): Topology {
  const hosts: Record<string, unknown> = {
    receiver: { interfaces: { eth0: { segment: 'lan', address: '10.0.0.1/16' } } },
  };
  for (let i = 0; i < senders; i++) {
    const address = `10.0.${1 + (i >> 7)}.${1 + (i & 127)}/16`;
    hosts[`sender${i}`] = { interfaces: { eth0: { segment: 'lan', address } } };
  }
  return build({
    name: `bench-star-${senders}`,
    segments: { lan: { subnet: '10.0.0.0/16', latency: '5us' } },
    hosts,
    scenario: { duration: '1h' },
  });
}

/** A cluster of `nodes` workers and one master, `pods` pods spread over them, each with a flow if asked. */
export function cluster(
  nodes: number,
  pods: number,
  options: { failover?: boolean } = {},
): Topology {
  const nodeSpecs: Record<string, unknown> = {
    master0: { role: 'master', address: '10.100.0.1/16', interface: 'eth0', subnet: '10.0.0.0/24' },
  };
  const egressCIDRs = options.failover === true ? { egressCIDRs: ['10.100.0.0/16'] } : {};
  for (let i = 1; i < nodes; i++) {
    nodeSpecs[`node${i}`] = {
      address: `10.100.${1 + Math.floor(i / 250)}.${1 + (i % 250)}/16`,
      interface: 'eth0',
      subnet: `10.${(i >> 8) & 0xff}.${i & 0xff}.0/24`,
      ...(i <= 8 ? egressCIDRs : {}),
    };
  }
  const namespaces: Record<string, unknown> = {};
  const podSpecs: Record<string, unknown> = {};
  const flows: Record<string, unknown> = {};
  for (let i = 0; i < pods; i++) {
    const namespace = `ns${i % 20}`;
    namespaces[namespace] ??= {
      netid: 100 + (i % 20),
      ...(options.failover === true && i < 20 ? { egressIPs: [`10.100.200.${1 + i}`] } : {}),
    };
    podSpecs[`pod${i}`] = { namespace, node: `node${1 + (i % (nodes - 1))}` };
    if (options.failover === true && i % 10 === 0) {
      flows[`flow${i}`] = { from: `pod${i}`, to: 'server', udp: 7, every: '100ms' };
    }
  }
  return build({
    name: `bench-cluster-${nodes}`,
    segments: { lan: { subnet: '10.100.0.0/16', latency: '50us' } },
    hosts: {
      server: {
        interfaces: { eth0: { segment: 'lan', address: '10.100.255.10/16' } },
        services: [{ udp: 7, app: 'echo' }],
      },
    },
    cluster: {
      sdn: 'openshift-sdn',
      segment: 'lan',
      nodes: nodeSpecs,
      ...(pods > 0 ? { namespaces, pods: podSpecs } : {}),
    },
    scenario: {
      duration: '60s',
      ...(options.failover === true ? { flows, steps: [{ at: '10s', fail: 'node1' }] } : {}),
    },
  });
}

/** A pod on its egress node of OVN-Kubernetes, and a server beside it. */
export function ovnPair(): Topology {
  return build({
    name: 'bench-ovn',
    segments: { lan: { subnet: '192.168.50.0/24' } },
    hosts: { db: { interfaces: { eth0: { segment: 'lan', address: '192.168.50.10/24' } } } },
    cluster: {
      fabric: { kind: 'ovn-kubernetes', profile: '4.14' },
      segment: 'lan',
      nodes: {
        worker01: {
          address: '192.168.50.144/24',
          subnet: '10.128.2.0/23',
          labels: { 'k8s.ovn.org/egress-assignable': '' },
        },
      },
      namespaces: { shop: { labels: { env: 'prod' } } },
      pods: { web: { namespace: 'shop', node: 'worker01' } },
      egressIPs: {
        prod: {
          egressIPs: ['192.168.50.120'],
          namespaceSelector: { matchLabels: { env: 'prod' } },
        },
      },
    },
    scenario: { duration: '1h' },
  });
}
