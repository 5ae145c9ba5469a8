// A small cluster to explore: a static egress IP, a pod elsewhere, a server.

import type { Campaign, CampaignHeader } from '../../src/explore/campaign.ts';
import { type Genome, genomeId } from '../../src/explore/genome.ts';
import { type PrepareOptions, prepare } from '../../src/explore/prepare.ts';
import type { ExploreResult } from '../../src/explore/run.ts';
import { boundsOf, Space } from '../../src/explore/space.ts';
import type { StrategyName } from '../../src/explore/strategy/strategy.ts';
import { Work } from '../../src/explore/work.ts';
import { emptyMap, isMap, type PlainMap } from '../../src/schema/plain-value.ts';
import { hashName } from '../../src/sim/random.ts';
import type { FaultName, VaryName } from '../../src/topology/explore.ts';
import { parseTopology } from '../../src/topology/parse.ts';

export const SMALL = `name: small
segments: { lan: { subnet: 192.168.50.0/24, latency: 50us } }
hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } }, services: [{ udp: 7, app: echo }] }
  bystander: { interfaces: { eth0: { segment: lan, address: 192.168.50.11 } } }
cluster:
  fabric: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.1 }
    worker01: { address: 192.168.50.2 }
    worker02: { address: 192.168.50.3, egressIPs: [192.168.50.120] }
  namespaces: { red: { netid: 10, egressIPs: [192.168.50.120] } }
  pods: { web: { namespace: red, node: worker01 } }
scenario:
  duration: 10s
  flows: { web: { from: web, to: db, udp: 7, every: 1s, start: 2s } }
  steps:
    - { at: 9s, expect: { flow: web, answering: true } }
`;

export async function campaignOf(
  given: {
    readonly text?: string;
    readonly strategy?: StrategyName;
    readonly faults?: readonly FaultName[];
    readonly properties?: readonly string[];
    readonly vary?: readonly VaryName[];
    readonly upTo?: number;
    readonly lag?: number;
    readonly window?: PrepareOptions['window'];
    readonly grid?: number;
  } = {},
): Promise<{
  readonly header: CampaignHeader;
  readonly space: Space;
  readonly work: Work;
  readonly document: PlainMap;
}> {
  const { document, topology } = parseTopology(given.text ?? SMALL, { file: 'small.yaml' });
  if (topology === null || !isMap(document)) throw new Error('it is sound');
  const prepared = await prepare(document, topology, {
    window: given.window ?? { from: 5e9, to: 15e9 },
    until: 60e9,
    properties: given.properties ?? ['outage<10s', 'never-two-answer'],
    every: 1e9,
  });
  const { faults = ['power', 'agent', 'loss'] as const, upTo = 3, vary = null } = given;
  const bounds = boundsOf(prepared, { faults, upTo, vary });
  const header: CampaignHeader = {
    version: '0',
    name: 'small',
    document: prepared.base.document,
    changes: prepared.base.place.changes,
    bounds,
    strategy: given.strategy ?? 'guided',
    grid: given.grid ?? 10,
    seed: 1,
    lag: given.lag ?? 8,
    slice: 0,
    slices: 1,
  };
  const work = new Work({ header, flows: emptyMap() });
  return { header, space: new Space(prepared.base, bounds), work, document };
}

/** The runs that a campaign draws, whose results come in the order that `order` makes of those under way. */
export function drawnBy(
  campaign: Campaign,
  runs: number,
  order: (underWay: number[]) => number[],
): string[] {
  const drawn: string[] = [];
  const underWay = new Map<number, () => void>();
  while (campaign.runs < runs) {
    for (let next = campaign.next(); next !== null; next = campaign.next()) {
      const run = next;
      drawn.push(JSON.stringify(run.genome));
      underWay.set(run.index, () => campaign.accept(run.index, invented(run.genome)));
    }
    for (const index of order([...underWay.keys()])) {
      underWay.get(index)?.();
      underWay.delete(index);
    }
    campaign.take();
  }
  return drawn.slice(0, runs);
}

/** What a run might have shown, by its genome alone. */
function invented(genome: Genome): ExploreResult {
  const id = genomeId(genome);
  const states = genome.items.map(({ at, kind, on }) => hashName(`${kind} ${at} ${on.join()}`));
  const instants = genome.items.map(({ at }) => at + 3);
  return {
    id,
    genome,
    outcome: 'ok',
    problem: null,
    broke: [],
    states,
    instants,
    judged: [],
    digest: id,
  };
}
