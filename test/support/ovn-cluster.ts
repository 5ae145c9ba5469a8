// A small cluster of OVN-Kubernetes for tests: a database outside, a master, three workers, one pod.

import { createLab, type Lab } from '../../src/lab/lab.ts';
import type { RunReport } from '../../src/scenario/report.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import type { Topology } from '../../src/topology/topology.ts';

/** What differs from the small cluster. */
export interface OvnParts {
  readonly profile?: string;
  /** `ovnk-no-garp: true` */
  readonly quirks?: string;
  /** Other keys of `fabric`. */
  readonly fabric?: string;
  readonly gatewayMode?: string;
  readonly hosts?: string;
  /** Which workers are labeled from the start. */
  readonly labeled?: readonly string[];
  /** Keys of one node, by its name. */
  readonly nodes?: Readonly<Record<string, string>>;
  readonly segments?: string;
  readonly namespaces?: string;
  readonly pods?: string;
  readonly egressIPs?: string;
  /** Of the flow `web`, which asks the database. */
  readonly flow?: string;
  /** More flows. */
  readonly flows?: string;
  readonly duration?: string;
  readonly steps?: readonly string[];
}

const LABEL = 'labels: { k8s.ovn.org/egress-assignable: "" }';

/** Its text. */
export function ovnText(parts: OvnParts = {}): string {
  const { gatewayMode = 'shared', labeled = ['w1', 'w2'], profile = '4.18' } = parts;
  const worker = (name: string, number: number): string => {
    const more = parts.nodes?.[name] ?? '';
    const label = labeled.includes(name) ? `, ${LABEL}` : '';
    return `    ${name}: { address: 192.168.50.${number}/24, subnet: 10.128.${number}.0/24, gateway: 192.168.50.1${label}${more === '' ? '' : `, ${more}`} }`;
  };
  return `name: ovn
segments: { lan: { subnet: 192.168.50.0/24, latency: 50us }${parts.segments ?? ''} }
hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.10/24 } }
    services: [{ tcp: 5432, app: whoami }, { udp: 7, app: echo }]
${parts.hosts ?? ''}
cluster:
  fabric: { kind: ovn-kubernetes, profile: "${profile}", quirks: { ${parts.quirks ?? ''} }${parts.fabric === undefined ? '' : `, ${parts.fabric}`} }
  gatewayMode: ${gatewayMode}
  segment: lan
  clusterNetwork: 10.128.0.0/14
  nodes:
    m1: { role: master, address: 192.168.50.41/24, subnet: 10.128.41.0/24, gateway: 192.168.50.1 }
${worker('w1', 44)}
${worker('w2', 45)}
${worker('w3', 46)}
  namespaces: { ${parts.namespaces ?? 'shop: { labels: { env: prod } }'} }
  pods: { ${parts.pods ?? 'web: { namespace: shop, node: w3, labels: { app: web } }'} }
  egressIPs: { ${parts.egressIPs ?? 'prod: { egressIPs: [192.168.50.120], namespaceSelector: { matchLabels: { env: prod } } }'} }
capture: [drops]
scenario:
  duration: ${parts.duration ?? '30s'}
  flows:
    web: { from: web, to: db, start: 1s, ${parts.flow ?? 'udp: 7, every: 200ms'} }
${parts.flows ?? ''}
  steps:
${(parts.steps ?? []).map((step) => `    - { ${step} }`).join('\n') || '    []'}
`;
}

/** Checked. */
export function ovnTopology(parts: OvnParts = {}): Topology {
  const { diagnostics, topology } = parseTopology(ovnText(parts), { file: 'ovn.yaml' });
  if (topology === null) {
    throw new Error(
      diagnostics.map(({ message, position }) => `${position.line}: ${message}`).join('\n'),
    );
  }
  return topology;
}

/** Running, its time at zero. */
export function ovnLab(parts: OvnParts = {}, seed = 1): Lab {
  return createLab(ovnTopology(parts), { seed });
}

/** Its scenario, to the end. */
export async function runOvn(parts: OvnParts = {}, seed = 1): Promise<RunReport> {
  return runScenario(ovnTopology(parts), { seed });
}
