// Many variants of one topology, from a test: faults, times and seeds, until a property breaks.

import { EgressLabError } from '../base/errors.ts';
import { VERSION } from '../base/version.ts';
import { mapAt } from '../explore/base.ts';
import { Campaign, type CampaignHeader } from '../explore/campaign.ts';
import { explore as exploreCampaign } from '../explore/explorer.ts';
import { story } from '../explore/finding.ts';
import { topologyText } from '../explore/finding-text.ts';
import { prepare } from '../explore/prepare.ts';
import { boundsOf, parseFaults, Space } from '../explore/space.ts';
import { Work } from '../explore/work.ts';
import { emptyMap, isMap } from '../schema/plain-value.ts';
import { type Duration, nanosOf } from '../sim/duration.ts';
import { seconds } from '../sim/time.ts';
import { parseProperty } from '../topology/properties/property.ts';
import { type Topology, type TopologySource, topologyOf } from './topology.ts';

/** What you may decide about an exploration; what is left out is as the topology's `explore` says. */
export interface ExploreOptions {
  /** How many variants are run; 100 when left out. */
  readonly runs?: number;
  /** What must hold, as texts: 'never-two-answer', 'outage<45s'. */
  readonly properties?: readonly string[];
  /** Kinds of faults: 'power', 'agent', 'api', … */
  readonly faults?: readonly string[];
  /** Faults in one run at most; 3 when left out. */
  readonly upTo?: number;
  /** Seed of the exploration; 1 when left out. */
  readonly seed?: number;
  /** How long a run lasts. */
  readonly until?: Duration;
  /** Flows ask at most so often; '1s' when left out. */
  readonly every?: Duration;
}

/** An exploration that found nothing. */
export interface ExploreSummary {
  readonly runs: number;
  /** Different abstract states that runs went through. */
  readonly states: number;
  /** The chance that one run more would show a new state. */
  readonly novelty: number;
}

/** One thing that was found. */
export interface ExploredFinding {
  /** 'outage<45s'. */
  readonly property: string;
  /** Equal for findings that are the same but for names and times. */
  readonly signature: string;
  /** A topology as YAML, with the property as its one expectation, which fails. */
  readonly topology: string;
  /** Three sentences: what was done, what broke, and why as far as it is known. */
  readonly story: readonly string[];
}

/** A property broke: code EGL_EXPLORE_FOUND. The message holds the smallest topology that breaks one. */
export class ExploreError extends EgressLabError {
  /** The smallest of each signature, the smallest first. */
  readonly findings: readonly ExploredFinding[];

  /** @internal */
  constructor(name: string, runs: number, findings: readonly ExploredFinding[]) {
    const [first] = findings;
    const text = first === undefined ? '' : `\n${first.story.join('\n')}\n\n${first.topology}`;
    super('EGL_EXPLORE_FOUND', `${findings.length} findings in ${runs} runs of ${name}${text}`, {
      hint: 'Save the topology and play it: `egresslab run`.',
    });
    this.findings = findings;
  }
}

/**
 * Runs variants of a topology, in this thread, and rejects when a property breaks in one of them. The same
 * topology, options and version give the same runs and findings.
 * @throws {@link ExploreError} EGL_EXPLORE_FOUND
 * @throws {@link EgressLabError} EGL_EXPLORE_BASE when the topology fails without any fault, EGL_EXPLORE_SPACE
 *
 * @example
 * ```ts
 * import { explore } from 'egresslab';
 *
 * const { runs } = await explore(
 *   `
 * name: pair
 * segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
 * hosts:
 *   a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
 *   b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
 * scenario: { duration: 5s, flows: { ping: { from: a, to: b, icmp: echo } } }
 * `,
 *   { runs: 10, faults: ['power'], properties: ['dark-for-good'] },
 * );
 * console.log(runs); // 10
 * ```
 */
export async function explore(
  topology: Topology | TopologySource,
  options: ExploreOptions = {},
): Promise<ExploreSummary> {
  const { every = seconds(1), faults, properties, runs = 100, seed = 1, until, upTo } = options;
  const whole = topologyOf(topology);
  const document = isMap(whole.document) ? whole.document : emptyMap();
  for (const property of properties ?? []) {
    if (parseProperty(property) === null) {
      throw new EgressLabError('EGL_EXPLORE_SPACE', `there is no property "${property}"`, {
        hint: 'See docs/reference/properties.md.',
      });
    }
  }
  const prepared = await prepare(document, whole.model, {
    window: null,
    until: until === undefined ? null : nanosOf(until),
    properties: properties ?? null,
    every: nanosOf(every),
  });
  const kinds = faults === undefined ? null : parseFaults(faults.join(','));
  const bounds = boundsOf(prepared, { faults: kinds, upTo: upTo ?? null, vary: null });
  const { base } = prepared;
  const header: CampaignHeader = {
    version: VERSION,
    name: whole.name,
    document: base.document,
    changes: base.place.changes,
    bounds,
    strategy: 'guided',
    grid: 10,
    seed,
    lag: 32,
    slice: 0,
    slices: 1,
  };
  const campaign = new Campaign(header, new Space(base, bounds));
  const work = new Work({ header, flows: mapAt(mapAt(document, 'scenario'), 'flows') });
  const crew = {
    width: 1,
    batch: 4,
    run: (batch: Parameters<Work['run']>[0][]) =>
      Promise.resolve(batch.map((run) => work.run(run, () => false))),
    find: (request: Parameters<Work['find']>[0]) =>
      Promise.resolve(work.find(request, () => false)),
  };
  const ledger = {
    results: () => {},
    known: () => undefined,
    finding: () => {},
    progress: () => {},
  };
  const found = await exploreCampaign(campaign, crew, ledger, { runs, isOver: () => false });
  if (found.length === 0) {
    return { runs: campaign.runs, states: campaign.states, novelty: campaign.novelty };
  }
  const findings = found
    .map(({ finding }) => finding)
    .sort((a, b) => a.size - b.size)
    .map((finding): ExploredFinding => {
      const { property, signature } = finding;
      return { property, signature, topology: topologyText(finding), story: story(finding, null) };
    });
  throw new ExploreError(whole.name, campaign.runs, findings);
}
