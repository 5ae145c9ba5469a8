// What an exploration may vary, in which bounds, and how much that is: told before it begins.

import { EgressLabError } from '../base/errors.ts';
import { hintAmong } from '../base/suggest.ts';
import type { Random } from '../sim/random.ts';
import { FAULT_NAMES, type FaultName, type VaryName } from '../topology/explore.ts';
import type { ExploreBase } from './base.ts';
import { canonical, type Decis, type Genome, type Item } from './genome.ts';
import { FAULT_KINDS } from './kinds/index.ts';
import type { Prepared } from './prepare.ts';

/** A kind of fault and one target of it. */
export interface Atom {
  readonly kind: FaultName;
  readonly on: readonly string[];
}

/** The bounds of an exploration; plain data. */
export interface SpaceBounds {
  readonly faults: readonly FaultName[];
  readonly window: { readonly from: Decis; readonly to: Decis };
  readonly upTo: number;
  readonly vary: readonly VaryName[];
  /** Faults end so long before the run does, unless they stay. */
  readonly settle: Decis;
}

/** Durations, three ranges of equal chance: the monitors' own periods of 1, 5, 15 and 40 s lie in them. */
const RANGES: readonly (readonly [Decis, Decis])[] = [
  [5, 50],
  [50, 150],
  [150, 500],
];
/** One fault in so many stays to the end. */
const STAYS = 8;
const SEEDS = 1_000_000;
const FARTHEST_MOVE: Decis = 20;

/** What may be drawn. */
export class Space {
  readonly base: ExploreBase;
  readonly bounds: SpaceBounds;
  /** In the order of kinds and targets. */
  readonly atoms: readonly Atom[];

  /** @throws EgressLabError EGL_EXPLORE_SPACE when there is nothing to draw */
  constructor(base: ExploreBase, bounds: SpaceBounds) {
    this.base = base;
    this.bounds = bounds;
    this.atoms = bounds.faults.flatMap((kind) =>
      FAULT_KINDS[kind].targets(base.place).map((on) => ({ kind, on })),
    );
    if (this.atoms.length > 0 || bounds.vary.length > 0) return;
    throw new EgressLabError('EGL_EXPLORE_SPACE', 'no fault of these kinds has a target here', {
      hint: 'Choose others with --faults: agents are of clusters, splits need three machines on a segment.',
    });
  }

  /** Atoms without those that are like two others but for the names of nodes. */
  get distinctAtoms(): readonly Atom[] {
    const seen = new Map<string, number>();
    return this.atoms.filter(({ kind, on }) => {
      const { alike } = this.base.place;
      const words = on.map((name) => {
        const [machine = '', iface = ''] = name.split('/');
        return `${alike.get(machine) ?? machine}/${iface}`;
      });
      const key = `${kind} ${words.join(' ')}`;
      const count = seen.get(key) ?? 0;
      seen.set(key, count + 1);
      return count < 2;
    });
  }

  /** A fresh run: stratified by kind, then by target. */
  draw(random: Random): Genome {
    const { upTo } = this.bounds;
    const count = this.atoms.length === 0 ? 0 : random.integer(1, upTo);
    const items = Array.from({ length: count }, () => this.drawItem(random));
    return canonical({ seed: this.drawSeed(random), items, moves: this.drawMoves(random) });
  }

  /** One fault. */
  drawItem(random: Random): Item {
    const { window } = this.bounds;
    const kinds = [...new Set(this.atoms.map(({ kind }) => kind))];
    const kind = random.pick(kinds);
    const { on } = random.pick(this.atoms.filter((atom) => atom.kind === kind));
    const at = random.integer(window.from, window.to);
    return this.fit({
      kind,
      at,
      for: this.#duration(random, kind),
      on,
      with: FAULT_KINDS[kind].draw(random),
    });
  }

  drawSeed(random: Random): number | null {
    return this.bounds.vary.includes('seed') ? random.integer(1, SEEDS) : null;
  }

  drawMoves(random: Random): readonly Decis[] {
    if (!this.bounds.vary.includes('step-times')) return [];
    const steps = this.base.topology.scenario.steps.length;
    return Array.from({ length: steps }, () => random.integer(-FARTHEST_MOVE, FARTHEST_MOVE));
  }

  /** Cured before the lab settles, unless it stays. */
  fit(item: Item): Item {
    const { settle, window } = this.bounds;
    const latest = this.base.end - settle;
    const at = Math.min(Math.max(item.at, window.from), window.to);
    const fitted = { ...item, at };
    if (item.for === null) return fitted;
    let duration = Math.max(1, Math.min(item.for, latest - at));
    // Kinds that repeat last longer than their duration says.
    while (duration > 5 && this.#lastOf({ ...fitted, for: duration }) > latest) {
      duration = Math.floor(duration / 2);
    }
    return { ...fitted, for: duration };
  }

  /** Kinds, targets and instants: what there is, as text for people. */
  describe(grid: Decis): readonly string[] {
    const { faults, upTo, vary, window } = this.bounds;
    const instants = Math.floor((window.to - window.from) / grid) + 1;
    const singles = this.distinctAtoms.length * instants;
    const pairs = (singles * (singles - 1)) / 2;
    const kinds = faults.map((kind) => {
      const count = this.atoms.filter((atom) => atom.kind === kind).length;
      return `${kind} (${count})`;
    });
    return [
      `faults   ${kinds.join(', ')}; up to ${upTo} in a run`,
      `window   ${window.from / 10}s to ${window.to / 10}s, runs of ${this.base.end / 10}s`,
      `vary     ${vary.length === 0 ? 'nothing else' : vary.join(', ')}`,
      `count    ${this.atoms.length} targets, ${this.distinctAtoms.length} but for symmetry; on a grid of ${grid / 10}s ${singles} singles, ${pairs} pairs`,
      ...this.absentRoles().map((role) => `absent   ${role}`),
    ];
  }

  /** Roles without which some weaknesses cannot show. */
  absentRoles(): readonly string[] {
    const { cluster, hosts, scenario } = this.base.topology;
    if (cluster === null) return ['no cluster: nothing about egress IPs can be found'];
    const absent: string[] = [];
    const perNode = new Set(cluster.pods.map(({ node }) => node));
    if (perNode.size < 2)
      absent.push('pods on one node only: ways between nodes are little explored');
    if (cluster.nodes.filter(({ role }) => role === 'worker').length < 3) {
      absent.push('fewer than three workers: a second failure leaves no choice');
    }
    if (cluster.namespaces.length < 4) {
      absent.push('fewer than four namespaces: an imbalance of egress IPs cannot show');
    }
    if (!hosts.some(({ forwarding }) => forwarding))
      absent.push('no router: neighbors of routers are not explored');
    if (
      !scenario.flows.some(
        ({ protocol, connection }) => protocol === 'tcp' && connection === 'per-request',
      )
    ) {
      absent.push(
        'no TCP flow with a connection for each request: source addresses are little explored',
      );
    }
    return absent;
  }

  #duration(random: Random, kind: FaultName): Decis | null {
    if (!FAULT_KINDS[kind].mustEnd && random.integer(1, STAYS) === 1) return null;
    const [low, high] = random.pick(RANGES);
    return random.integer(low, high);
  }

  #lastOf(item: Item): Decis {
    const effects = FAULT_KINDS[item.kind].effects(item, this.base.place);
    return Math.max(0, ...effects.map(({ from, to }) => to ?? from));
  }
}

/** Reads 'power,agent'. @throws EgressLabError EGL_EXPLORE_SPACE for what is no kind of fault */
export function parseFaults(text: string): readonly FaultName[] {
  return text.split(',').map((word) => {
    const name = FAULT_NAMES.find((known) => known === word.trim());
    if (name !== undefined) return name;
    throw new EgressLabError('EGL_EXPLORE_SPACE', `there is no fault "${word.trim()}"`, {
      hint: hintAmong(word.trim(), FAULT_NAMES),
    });
  });
}

/** The bounds of a prepared topology. */
export function boundsOf(
  { base, settle, window }: Prepared,
  given: {
    readonly faults: readonly FaultName[] | null;
    readonly upTo: number | null;
    readonly vary: readonly VaryName[] | null;
  },
): SpaceBounds {
  const spec = base.topology.explore;
  return {
    faults: given.faults ?? spec?.faults ?? FAULT_NAMES,
    window,
    upTo: given.upTo ?? spec?.upTo ?? 3,
    vary: given.vary ?? spec?.vary ?? [],
    settle,
  };
}
