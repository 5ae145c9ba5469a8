// A lab in virtual time, for people and their tests. Nothing happens unless time is advanced; then all
// that is due happens in one order, the same for the same topology and seed.

import { EgressLabError } from '../base/errors.ts';
import { hintAmong } from '../base/suggest.ts';
import type { LabEvent } from '../lab/events.ts';
import { unknownName } from '../lab/unknown-name.ts';
import type { TimelineEntry } from '../scenario/report.ts';
import type { Duration } from '../sim/duration.ts';
import type { Nanos } from '../sim/time.ts';
import { type DropRow, dropRows } from '../view/drops.ts';
import { LabView, type LabViewOptions, LIVE_TABLES } from '../view/lab-view.ts';
import { TABLE_NAMES, type TableName, type ViewRows, viewTable } from '../view/tables.ts';
import { functionArgument, integerArgument, optionsArgument, textArguments } from './arguments.ts';
import { Capture } from './capture.ts';
import { Cluster } from './cluster.ts';
import { Flow } from './flow.ts';
import { type Failure, Host } from './host.ts';
import { Inside, plainAddress } from './inside.ts';
import type { Machine } from './machine.ts';
import { Node } from './node.ts';
import { Pod } from './pod.ts';
import { Segment } from './segment.ts';
import { type Topology, type TopologySource, topologyOf } from './topology.ts';

/** What you may decide about a lab. Cluster networks are those that come with the package: one is added in its repository. */
export interface LabOptions {
  /** Takes the place of the topology's seed: an integer from 0 to 2^32 - 1. */
  readonly seed?: number;
}

/** A step of the topology format without `at`: `{ fail: 'worker02' }`, `{ impair: 'db/eth0', loss: '10%' }`. */
export type LabStep = Readonly<Record<string, unknown>>;

/** A topology that runs. Make one with {@link createLab}. */
export class Lab {
  /** What it was made from. */
  readonly topology: Topology;
  /** Hosts that are no nodes, in the order of the topology. */
  readonly hosts: readonly Host[];
  /** Nodes of the cluster, in the order of the topology. */
  readonly nodes: readonly Node[];
  /** Pods of the cluster, in the order of the topology. */
  readonly pods: readonly Pod[];
  /** In the order of the topology. */
  readonly segments: readonly Segment[];
  /** Flows of the topology's scenario; none of them has been started. */
  readonly flows: readonly Flow[];
  readonly #inside: Inside;
  readonly #cluster: Cluster | null;

  private constructor(inside: Inside) {
    const { lab, session, topology } = inside;
    const isNode = (name: string): boolean => lab.cluster?.nodes.has(name) === true;
    const machines = [...lab.machines.values()];
    this.topology = topology;
    this.hosts = machines.filter(({ name }) => !isNode(name)).map((each) => Host.of(inside, each));
    this.nodes = machines.filter(({ name }) => isNode(name)).map((each) => Node.of(inside, each));
    this.pods = [...(lab.cluster?.pods.values() ?? [])].map((pod) => Pod.of(inside, pod));
    this.segments = [...lab.segments.values()].map((segment) => Segment.of(inside, segment));
    this.flows = [...session.flows.keys()].map((name) => Flow.of(inside, name));
    this.#inside = inside;
    this.#cluster =
      lab.cluster === null ? null : Cluster.of(inside, lab.cluster, this.nodes, this.pods);
  }

  /** @internal */
  static of(topology: Topology, options: LabOptions): Lab {
    return new Lab(new Inside(topology, options.seed));
  }

  /** The seed that chance comes from. */
  get seed(): number {
    return this.#inside.lab.seed;
  }

  /** Lab time, in nanoseconds since the lab began. */
  get now(): Nanos {
    return this.#inside.lab.now;
  }

  /** Lab time as a calendar date, ISO 8601: '2020-05-09T08:00:06Z'. */
  get date(): string {
    return this.#inside.lab.clock.timestamp();
  }

  /** Whether the topology has a cluster. */
  get hasCluster(): boolean {
    return this.#cluster !== null;
  }

  /** The cluster. @throws {@link EgressLabError} EGL_NO_CLUSTER */
  get cluster(): Cluster {
    if (this.#cluster !== null) return this.#cluster;
    throw new EgressLabError(
      'EGL_NO_CLUSTER',
      `the topology ${this.topology.name} has no cluster`,
      {
        hint: 'Add `cluster:` to it, or ask `hasCluster` first.',
      },
    );
  }

  /** A host, node or pod by its name. @throws {@link EgressLabError} EGL_UNKNOWN_MACHINE */
  machine(name: string): Machine {
    return find([...this.hosts, ...this.nodes, ...this.pods], 'machine', name);
  }

  /** A host or a node by its name. @throws {@link EgressLabError} EGL_UNKNOWN_MACHINE */
  host(name: string): Host {
    return find([...this.hosts, ...this.nodes], 'machine', name);
  }

  /** A node by its name. @throws {@link EgressLabError} EGL_UNKNOWN_MACHINE */
  node(name: string): Node {
    return find(this.nodes, 'machine', name);
  }

  /** A pod by its name. @throws {@link EgressLabError} EGL_UNKNOWN_MACHINE */
  pod(name: string): Pod {
    return find(this.pods, 'machine', name);
  }

  /** A segment by its name. @throws {@link EgressLabError} EGL_UNKNOWN_SEGMENT */
  segment(name: string): Segment {
    return find(this.segments, 'segment', name);
  }

  /** A flow of the topology's scenario by its name. @throws {@link EgressLabError} EGL_UNKNOWN_FLOW */
  flow(name: string): Flow {
    return find(this.flows, 'flow', name);
  }

  /**
   * Lets time pass: all that is due meanwhile happens.
   * @throws {@link EgressLabError} EGL_BAD_DURATION, EGL_BROADCAST_STORM, EGL_EVENT_STORM
   *
   * @example
   * ```ts
   * import { createLab } from 'egresslab';
   *
   * const lab = createLab({ name: 'empty', segments: { lan: { subnet: '10.0.0.0/24' } } });
   * lab.advance('6s');
   * lab.advance(250); // nanoseconds
   * console.log(lab.now); // 6000000250
   * ```
   */
  advance(duration: Duration): void {
    this.#inside.lab.advance(duration);
  }

  /**
   * Lets time pass until the condition holds, at most `limit`; true if it came to hold. It is looked at each
   * millisecond of lab time.
   * @throws {@link EgressLabError} EGL_BAD_DURATION, EGL_BROADCAST_STORM, EGL_EVENT_STORM
   */
  advanceUntil(condition: () => boolean, limit: Duration): boolean {
    functionArgument('the condition', condition);
    return this.#inside.lab.advanceUntil(condition, limit);
  }

  /**
   * Captures what crosses the ports that the selectors name from now on: 'db/eth0', 'worker02' (all of its ports),
   * '*' on either side of the slash, a segment's 'lan/*', and 'drops' for what goes no further. Without a selector
   * the ports that the topology's `capture` names.
   * @throws {@link EgressLabError} EGL_UNKNOWN_PORT
   */
  capture(...selectors: readonly string[]): Capture {
    const own = this.topology.model.capture.ports.map(({ text }) => text);
    const wanted = textArguments('a selector of ports', selectors);
    return Capture.of(this.#inside, wanted.length === 0 ? own : wanted);
  }

  /** Makes a host or node fail; 'power-off' when not said how. @throws {@link EgressLabError} EGL_UNKNOWN_MACHINE, EGL_COMMAND */
  fail(machine: string, how: Failure = 'power-off'): void {
    this.host(machine).fail(how);
  }

  /** Undoes every failure of a host or node. @throws {@link EgressLabError} EGL_UNKNOWN_MACHINE */
  restore(machine: string): void {
    this.host(machine).restore();
  }

  /** Pulls every cable of a host or node, which itself goes on. @throws {@link EgressLabError} EGL_UNKNOWN_MACHINE */
  unplug(machine: string): void {
    this.host(machine).unplug();
  }

  /**
   * Does, in this instant, what a step of the topology format says: everything that a scenario can do.
   * @throws {@link EgressLabError} EGL_COMMAND for a step that makes no sense, with what was probably meant
   *
   * @example
   * ```ts
   * import { createLab } from 'egresslab';
   *
   * const lab = createLab(`
   * name: pair
   * segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
   * hosts:
   *   a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
   *   b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
   * `);
   * lab.perform({ impair: 'b/eth0', latency: '10ms' });
   * lab.perform({ addAddress: '10.0.0.3/24', to: 'b/eth0' });
   * console.log(lab.host('a').ping('10.0.0.3').replies[0]?.roundTrip); // 40200000
   * ```
   */
  perform(step: LabStep): void {
    this.#inside.perform(step);
  }

  /**
   * Names of the machines that have power and this address: none, one, or a conflict.
   * @throws {@link EgressLabError} EGL_ARGUMENT for what is no IPv4 address
   */
  holders(address: string): readonly string[] {
    return this.#inside.holders(this.#inside.address(plainAddress(address)));
  }

  /** What happened so far, oldest first, as typed facts. */
  get events(): readonly LabEvent[] {
    return this.#inside.lab.events.events;
  }

  /** Calls `listener` for each later event, in the instant in which it happens; the function returned ends that. */
  onEvent(listener: (event: LabEvent) => void): () => void {
    return this.#inside.lab.events.subscribe(functionArgument('the listener', listener));
  }

  /** What happened so far, oldest first, as sentences for people. */
  get timeline(): readonly TimelineEntry[] {
    return this.#inside.session.entries;
  }

  /**
   * A table of the whole lab as rows of plain data, or of one machine (of one segment for 'fdb'); deadlines in it are
   * lab time.
   * @throws EgressLabError EGL_UNKNOWN_MACHINE, EGL_UNKNOWN_SEGMENT; EGL_ARGUMENT for a table that is not there
   *
   * @example
   * ```ts
   * import { createLab } from 'egresslab';
   *
   * const lab = createLab(`
   * name: pair
   * segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
   * hosts:
   *   a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
   *   b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
   * `);
   * lab.host('a').ping('b');
   * console.log(lab.table('neighbors').map(({ machine, address }) => `${machine}: ${address}`).join(', ')); // a: 10.0.0.2, b: 10.0.0.1
   * ```
   */
  table<Name extends TableName>(name: Name, of?: string): readonly ViewRows[Name][] {
    if (!TABLE_NAMES.includes(name)) {
      throw new EgressLabError('EGL_ARGUMENT', `there is no table "${name}"`, {
        hint: hintAmong(name, TABLE_NAMES),
      });
    }
    return viewTable(this.#inside.lab, name, of ?? null).rows;
  }

  /** How often something went no further, by device and reason. */
  drops(): readonly DropRow[] {
    return dropRows(this.#inside.lab);
  }

  /**
   * Follows the lab: a snapshot of its tables, then batches of changed rows, each time you poll.
   *
   * @example
   * ```ts
   * import { createLab, ViewCopy } from 'egresslab';
   *
   * const lab = createLab(`
   * name: pair
   * segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
   * hosts:
   *   a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
   *   b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
   * `);
   * const view = lab.view({ tables: ['neighbors', 'frames'] });
   * const copy = new ViewCopy(view.snapshot());
   * view.follow((batch) => copy.apply(batch));
   * lab.host('a').ping('b');
   * view.poll();
   * console.log(copy.rows('neighbors')[0]?.state); // REACHABLE
   * console.log(copy.rows('frames')[0]?.to[0]?.port); // b/eth0
   * ```
   */
  view(options: LabViewOptions = {}): LabView {
    const { tables = [] } = optionsArgument(options, VIEW_OPTIONS);
    for (const table of tables) {
      if (!LIVE_TABLES.includes(table)) {
        throw new EgressLabError('EGL_ARGUMENT', `there is no table "${String(table)}"`, {
          hint: hintAmong(table, LIVE_TABLES),
        });
      }
    }
    for (const [name, bound] of Object.entries(options)) {
      if (typeof bound === 'number') integerArgument(name, bound, 1, Number.MAX_SAFE_INTEGER);
    }
    return LabView.of(this.#inside.lab, options);
  }
}

/**
 * Builds a lab; time stands at zero and nothing has been sent. The scenario of the topology is not played: see
 * {@link runScenario} for that.
 * @throws {@link TopologyError} with all that is wrong with a topology that is not one
 * @throws {@link EgressLabError} EGL_SEED; EGL_ATTACH_NEEDS_REALTIME for a topology that is joined to a kernel
 *
 * @example
 * ```ts
 * import { createLab } from 'egresslab';
 *
 * const lab = createLab(`
 * name: pair
 * segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
 * hosts:
 *   a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
 *   b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
 * `);
 * console.log(lab.host('a').ping('b').answered); // 1
 * ```
 */
export function createLab(topology: Topology | TopologySource, options: LabOptions = {}): Lab {
  return Lab.of(topologyOf(topology), optionsArgument(options, ['seed']));
}

const VIEW_OPTIONS: readonly string[] = ['tables', 'rowLimit', 'framesPerPoll', 'historyLimit'];

function find<T extends { readonly name: string }>(
  all: readonly T[],
  what: 'machine' | 'segment' | 'flow',
  name: string,
): T {
  const names = all.map((each) => each.name);
  return all.find((each) => each.name === name) ?? unknownName(what, name, names);
}
