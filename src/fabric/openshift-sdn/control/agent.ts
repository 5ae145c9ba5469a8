// The sdn pod of one node: its own tracker on its own watch streams, what that makes it do to its node
// (local-egress.ts, the namespaces' way out), and its monitor of other nodes. It may be killed and
// started at any time; it then knows nothing and reads everything again.

import type { PodLog } from '../../../kube/server/pod-logs.ts';
import { LifeCycle } from '../../../sim/life-cycle.ts';
import { seconds } from '../../../sim/time.ts';
import { formatIpv4, parseIpv4 } from '../../../wire/ipv4-address.ts';
import type { FabricProcess } from '../../process.ts';
import { createMonitor } from './create-monitor.ts';
import type { EgressBucket, NamespaceEgress } from './egress-node.ts';
import { EgressWatch } from './egress-watch.ts';
import { DEFAULT_VERBOSITY, Klog } from './klog.ts';
import { LocalEgress } from './local-egress.ts';
import { markForVnid } from './mark.ts';
import { SDN_NAMESPACE } from './names.ts';
import type { NodeMonitor } from './node-monitor.ts';
import type { Profile } from './profile.ts';
import { Routine } from './routine.ts';
import type { AgentSite, SdnContext } from './site.ts';
import type { SharedTracker, TrackerHistory } from './tracker-history.ts';
import type { NamespaceOutcome, TrackerEffect } from './tracker-state.ts';

/** pkg/cmd/openshift-sdn-node/informers.go. */
const RESYNC_INTERVAL = seconds(30 * 60);

/** What an sdn pod is made of. */
export interface AgentOptions extends AgentSite {
  readonly context: SdnContext;
  readonly profile: Profile;
  readonly pod: string;
  /** Gives each life of the process its id. */
  readonly nextPid: () => number;
  readonly verbosity?: number;
  /** What the agents of the cluster work out together; of the same profile and verbosity. */
  readonly trackers: TrackerHistory;
}

/** Everything that one life of the process owns. */
interface Life {
  readonly tracker: SharedTracker;
  readonly klog: Klog;
  readonly routine: Routine;
  readonly local: LocalEgress;
  readonly monitor: NodeMonitor;
  readonly watch: EgressWatch;
  /** VNID to namespace name, for events. */
  readonly names: Map<number, string>;
}

/** The sdn pod of one node. */
export class SdnAgent implements FabricProcess {
  readonly namespace: string = SDN_NAMESPACE;
  readonly container = 'sdn';
  readonly role = 'agent';
  readonly #options: AgentOptions;
  readonly #nodeIp: string;
  readonly #log: PodLog;
  readonly #lives: LifeCycle<Life>;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#nodeIp = formatIpv4(options.nodeIp);
    this.#log = options.context.logs.open(options.pod, SDN_NAMESPACE);
    this.#lives = new LifeCycle({
      begin: () => this.#begin(),
      end: (life) => this.#end(life),
    });
  }

  get pod(): string {
    return this.#options.pod;
  }

  get node(): string {
    return this.#options.node.name;
  }

  get isRunning(): boolean {
    return this.#lives.isRunning;
  }

  /** What this agent believes, for inspection; null while it does not run. */
  get tracker(): SharedTracker | null {
    return this.#lives.current?.tracker ?? null;
  }

  start(): void {
    this.#lives.start();
  }

  stop(): void {
    this.#lives.stop();
  }

  #begin(): Life {
    const { connection, context, node, nodeIp, profile, trackers } = this.#options;
    this.#log.clear();
    const verbosity = this.#options.verbosity ?? DEFAULT_VERBOSITY;
    const klog = new Klog({
      clock: context.clock,
      profile,
      pid: this.#options.nextPid(),
      verbosity,
      write: (line) => this.#write(line),
    });
    const { scheduler, events } = context;
    const routine = new Routine({
      scheduler,
      klog,
      profile: profile.name,
      node: node.name,
      nodeIp: this.#nodeIp,
      wasSetUp: !node.setUpPodSwitch(),
      pods: this.#options.pods ?? [],
    });
    const tracker = trackers.follow();
    const local = new LocalEgress({ node, nodeIp, profile, klog, scheduler, events });
    const names = new Map<number, string>();
    const watch = new EgressWatch({
      connection,
      tracker,
      resync: RESYNC_INTERVAL,
      apply: (effects) => this.#apply(effects),
      onNetNamespace: ({ egressIPs = [], metadata, netid }) => {
        if (egressIPs.length > 0) names.set(netid, metadata.name);
      },
      onListed: () => local.cleanUp(),
    });
    return {
      tracker,
      klog,
      routine,
      local,
      monitor: createMonitor({
        scheduler,
        node,
        profile,
        klog,
        onVerdict: (peer, offline) => this.#verdict(peer, offline),
      }),
      watch,
      names,
    };
  }

  #end(life: Life): void {
    life.watch.stop();
    life.monitor.stop();
    life.routine.stop();
    life.local.stop();
  }

  #verdict(nodeIp: string, offline: boolean): void {
    const life = this.#lives.current;
    if (life === null) return;
    const { context, node } = this.#options;
    context.events.emit(node.name, offline ? 'peer-offline' : 'peer-online', { node: nodeIp });
    this.#apply(life.tracker.setNodeOffline(nodeIp, offline));
  }

  #apply(effects: readonly TrackerEffect[]): void {
    const life = this.#lives.current;
    if (life === null) return;
    for (const effect of effects) this.#applyOne(life, effect);
  }

  #applyOne(life: Life, effect: TrackerEffect): void {
    switch (effect.kind) {
      case 'claim':
        if (effect.nodeIp === this.#nodeIp) {
          life.local.claim(effect.egressIp, effect.vnid, nameOf(life, effect.vnid));
        } else {
          life.monitor.watch(effect.nodeIp, effect.sdnIp, effect.nodeOffline);
        }
        break;
      case 'release':
        if (effect.nodeIp === this.#nodeIp) life.local.release(effect.egressIp);
        else life.monitor.unwatch(effect.nodeIp);
        break;
      case 'namespace':
        this.#setNamespace(life, effect.vnid, effect.outcome);
        break;
      case 'log':
        life.klog.entry(effect.entry);
        break;
      case 'reallocate':
        // The controller's business.
        break;
    }
  }

  #setNamespace(life: Life, vnid: number, outcome: NamespaceOutcome): void {
    const { context, node, podsOf } = this.#options;
    node.setNamespaceEgress(vnid, this.#egressFor(life, vnid, outcome));
    const pods = podsOf?.(vnid) ?? null;
    if (pods?.length === 0) return;
    const via = outcome.kind === 'via' ? outcome.assignments : [];
    context.events.emit(node.name, 'namespace-egress', {
      vnid,
      namespace: nameOf(life, vnid),
      pods: pods ?? [],
      outcome: outcome.kind,
      ips: via.map(({ egressIp }) => egressIp),
      nodes: via.map(({ nodeIp }) => nodeIp),
    });
    if (outcome.kind === 'normal') life.names.delete(vnid);
  }

  /** 5.5: one local bucket if any of the IPs is here, else one per usable IP. */
  #egressFor({ local }: Life, vnid: number, outcome: NamespaceOutcome): NamespaceEgress {
    if (outcome.kind !== 'via') return outcome;
    const { quirks } = this.#options.profile;
    const commit = !quirks.has('no-conntrack-commit');
    const here = outcome.assignments.find(({ nodeIp }) => nodeIp === this.#nodeIp);
    if (here !== undefined) {
      const leaks = quirks.has('failed-assignment-leaks');
      if (!leaks && !local.isAssigned(here.egressIp)) return { kind: 'dropped' };
      const mark = local.markOf(here.egressIp) ?? markForVnid(vnid, this.#options.profile);
      return { kind: 'via', buckets: [{ kind: 'local', mark }], commit: false };
    }
    // The patterns of the API let 192.168.050.145 pass, and the tracker of 4.3 takes any text.
    const buckets = outcome.assignments.flatMap(({ nodeIp }): EgressBucket[] => {
      const hostIp = parseIpv4(nodeIp);
      return hostIp === null ? [] : [{ kind: 'remote', hostIp }];
    });
    return buckets.length === 0 ? { kind: 'dropped' } : { kind: 'via', buckets, commit };
  }

  #write(line: string): void {
    this.#log.append(line);
    const { context, node, pod } = this.#options;
    context.events.emit(node.name, 'log-line', { pod, line });
  }
}

/** What people call the network of a VNID. */
function nameOf({ names }: Life, vnid: number): string {
  return names.get(vnid) ?? `VNID ${vnid}`;
}
