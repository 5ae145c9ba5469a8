// A run as the renderers get it: figures invented, shapes real.

import type { ExpectationReport, RunReport } from '../../src/scenario/report.ts';
import type { ObjectTable, ObjectTables } from '../../src/view/objects.ts';

const SECOND = 1e9;

function table(text: string, printed: boolean): ObjectTable {
  const [header = '', ...rows] = text.split('\n').map((line) => line.trim());
  const cells = (line: string): string[] => line.split(/ {3,}/);
  return { columns: cells(header), rows: rows.map(cells), printed };
}

const NODES_BEFORE = `NAME       STATUS   ROLES    AGE   VERSION
worker01   Ready    worker   23h   v1.17.1
worker02   Ready    worker   23h   v1.17.1`;

const NODES_AFTER = `NAME       STATUS     ROLES    AGE   VERSION
worker01   Ready      worker   23h   v1.17.1
worker02   NotReady   worker   23h   v1.17.1`;

const HOST_SUBNETS = `NAME       HOST       HOST IP          SUBNET         EGRESS CIDRS        EGRESS IPS
worker01   worker01   192.168.50.144   10.11.0.0/23   [192.168.50.0/24]   [192.168.50.120]`;

const NET_NAMESPACES = `NAME          NETID     EGRESS IPS
mywebserver   5281170   [192.168.50.120]`;

function tables(at: number, nodes: string): ObjectTables {
  return {
    at,
    tables: {
      nodes: table(nodes, true),
      hostsubnets: table(HOST_SUBNETS, true),
      netnamespaces: table(NET_NAMESPACES, false),
    },
  };
}

export function expectation(
  verdict: ExpectationReport['verdict'],
  saw: readonly string[] = [],
): ExpectationReport {
  return {
    at: 40 * SECOND,
    text: 'hostsubnet: worker01, egressIPs: [192.168.50.120]',
    position: { file: 'lab.yaml', line: 41, column: 7, path: 'scenario.steps[3].expect' },
    verdict,
    saw,
  };
}

export function sampleReport(changes: Partial<RunReport> = {}): RunReport {
  return {
    schemaVersion: 2,
    topology: { name: 'lab', description: 'A lab', file: 'lab.yaml', digest: '00c0ffee' },
    seed: 7,
    epoch: '2020-05-09T08:00:00Z',
    labDuration: 60 * SECOND,
    outcome: 'passed',
    timeline: [
      {
        at: 2.003 * SECOND,
        source: 'controller',
        kind: 'egress-ip-assigned',
        text: 'gives 192.168.50.120 to worker02',
        fields: { ip: '192.168.50.120', node: 'worker02' },
      },
      {
        at: 10 * SECOND,
        source: 'worker02',
        kind: 'node-failed',
        text: 'power off',
        fields: { how: 'power-off' },
      },
    ],
    tables: { before: tables(0, NODES_BEFORE), after: tables(60 * SECOND, NODES_AFTER) },
    flows: [
      {
        name: 'web-to-db',
        from: 'web',
        to: 'db',
        protocol: 'tcp 5432',
        sent: 590,
        answered: 400,
        lost: 190,
        pending: 0,
        longestOutage: 18_999_000_000,
        outages: [
          {
            from: 10.1 * SECOND,
            to: 29.099 * SECOND,
            duration: 18_999_000_000,
            unanswered: 190,
            why: 'powered-off',
          },
        ],
        seenAs: [
          { address: '192.168.50.120', count: 395 },
          { address: '192.168.50.145', count: 5 },
        ],
        answeredBy: [{ machine: 'db', mac: '02:00:00:00:00:0a', count: 400 }],
        state: 'running',
        why: null,
        throughput: null,
        connections: [],
      },
      {
        name: 'ping',
        from: 'web',
        to: '192.168.50.10',
        protocol: 'icmp echo',
        sent: 12_345,
        answered: 0,
        lost: 12_345,
        pending: 0,
        longestOutage: 60 * SECOND,
        outages: [],
        seenAs: [],
        answeredBy: [],
        state: 'never answered',
        why: 'egress-dropped on worker01',
        throughput: null,
        connections: [],
      },
    ],
    neighbors: [],
    fdb: [],
    conntrack: [],
    drops: [],
    expectations: [expectation('held'), expectation('held')],
    captures: [
      {
        path: 'captures/lab.pcapng',
        format: 'pcapng',
        frames: 6214,
        bytes: 1_234_567,
        ports: ['worker01/enp1s0', 'worker02/enp1s0'],
        filter: 'arp.src.proto_ipv4 == 192.168.50.120',
      },
    ],
    analysis: null,
    problems: [],
    ...changes,
  };
}
