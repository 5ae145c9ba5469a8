// ovnkube-cluster-manager (ovnkube-master of old): one replica per master, of which one leads. It watches
// nodes and EgressIPs, probes the nodes, and writes who has which IP. Killed, it forgets everything.

import type { ApiConnection } from '../../../kube/client/connection.ts';
import type { Informer } from '../../../kube/client/informer.ts';
import { type Node, Nodes } from '../../../kube/kinds/node.ts';
import type { PodLog } from '../../../kube/server/pod-logs.ts';
import type { Change } from '../../../kube/server/watch.ts';
import { LifeCycle } from '../../../sim/life-cycle.ts';
import type { Timer } from '../../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../../sim/time.ts';
import type { FabricProcess } from '../../process.ts';
import type { HostNetwork } from '../host-network.ts';
import {
  type CloudPrivateIpConfig,
  CloudPrivateIpConfigs,
} from '../kinds/cloud-private-ip-config.ts';
import { type EgressIp, EgressIps } from '../kinds/egress-ip.ts';
import { EgressIpManager } from './allocator/manager.ts';
import { PatchWriter } from './allocator/patch-writer.ts';
import { CHECK_INTERVAL, CheckTicker } from './health/check-ticker.ts';
import { GrpcClient } from './health/grpc-client.ts';
import { alwaysReachable, type HealthClient } from './health/health-client.ts';
import { LegacyClient } from './health/legacy-client.ts';
import { Leader } from './leader.ts';
import { OVN_NAMESPACE } from './names.ts';
import type { Voice } from './sink.ts';
import { type OvnContext, voiceOf } from './site.ts';
import type { ZoneDriver } from './zone/zone-driver.ts';

/** The ticker of the retry framework. */
const RETRY_INTERVAL: Nanos = seconds(30);
/** How long a failed process waits before it starts again (CrashLoopBackOff, first pause). */
const RESTART_PAUSE: Nanos = seconds(10);

/** What a replica of the cluster manager is made with. */
export interface ClusterManagerOptions {
  readonly context: OvnContext;
  readonly host: Pick<HostNetwork, 'name' | 'connectHealth' | 'dial'>;
  readonly connection: ApiConnection;
  readonly pod: string;
  readonly nextPid: () => number;
  readonly isCloud: boolean;
  /** Seconds of one check in all; 0: all nodes are reachable. */
  readonly reachabilityTimeout: number;
  /** Of a central database, whose rows are this process's business; null with a zone per node. */
  readonly zone: ((voice: Voice) => ZoneDriver) | null;
}

/** Everything that one life of the process owns. */
interface Life {
  readonly voice: Voice;
  readonly leader: Leader;
  lead: Lead | null;
}

/** What the leader has besides. */
interface Lead {
  readonly manager: EgressIpManager;
  readonly ticker: CheckTicker;
  readonly writer: PatchWriter;
  readonly zone: ZoneDriver | null;
  readonly nodes: Informer<Node>;
  readonly egressIps: Informer<EgressIp>;
  readonly cloud: Informer<CloudPrivateIpConfig> | null;
  started: boolean;
}

/** One replica of the cluster manager. */
export class ClusterManager implements FabricProcess {
  readonly namespace: string = OVN_NAMESPACE;
  readonly container: string;
  readonly role = 'controller';
  readonly #options: ClusterManagerOptions;
  readonly #log: PodLog;
  readonly #lives: LifeCycle<Life>;
  #restart: Timer | null = null;

  constructor(options: ClusterManagerOptions) {
    this.#options = options;
    this.container = options.context.profile.allocator;
    this.#log = options.context.logs.open(options.pod, OVN_NAMESPACE);
    this.#lives = new LifeCycle({
      begin: () => this.#begin(),
      end: (life) => this.#end(life),
    });
  }

  get pod(): string {
    return this.#options.pod;
  }

  get node(): string {
    return this.#options.host.name;
  }

  get isRunning(): boolean {
    return this.#lives.isRunning;
  }

  /** What the leader believes, for inspection; null while it does not lead. */
  get manager(): EgressIpManager | null {
    return this.#lives.current?.lead?.manager ?? null;
  }

  start(): void {
    this.#lives.start();
  }

  stop(): void {
    this.#cancelRestart();
    this.#lives.stop();
  }

  /** Called by the timer of a process that has ended itself. */
  restart(): void {
    this.#restart = null;
    this.#lives.start();
  }

  #begin(): Life {
    const { connection, context, nextPid, pod } = this.#options;
    this.#log.clear();
    const { clock, scheduler } = context;
    const source = 'controller';
    const voice = voiceOf({ connection, context, source, pod, pid: nextPid(), log: this.#log });
    const leader = new Leader({
      connection,
      scheduler,
      clock,
      identity: this.node,
      onLeading: () => this.#lead(),
      onLost: () => this.#lose(),
    });
    scheduler.post(startLeader, leader, null);
    return { voice, leader, lead: null };
  }

  #end({ lead, leader }: Life): void {
    const { connection } = this.#options;
    leader.stop();
    if (lead === null) return;
    lead.ticker.stop();
    lead.writer.stop();
    lead.manager.stop();
    lead.zone?.stop();
    connection.release(lead.nodes);
    connection.release(lead.egressIps);
    if (lead.cloud !== null) connection.release(lead.cloud);
  }

  /** A replica without the lease ends itself; its container is started again. */
  #lose(): void {
    const { scheduler } = this.#options.context;
    this.#lives.current?.voice.log('I', 'ovnkube.go:493', 'No longer leader; exiting');
    this.#lives.stop();
    this.#cancelRestart();
    this.#restart = scheduler.after(RESTART_PAUSE, restart, this, null, { background: true });
  }

  #cancelRestart(): void {
    if (this.#restart !== null) this.#options.context.scheduler.cancel(this.#restart);
    this.#restart = null;
  }

  #lead(): void {
    const life = this.#lives.current;
    if (life === null) return;
    const { connection, context, isCloud, reachabilityTimeout } = this.#options;
    const { events, profile, random, scheduler } = context;
    const { voice } = life;
    voice.log('I', 'ovnkube.go:478', `I (${this.node}) won the election; in active mode`);
    const isProbed = reachabilityTimeout > 0 && !profile.quirks.has('ovnk-no-health');
    voice.log(
      'I',
      'egressip_controller.go:331',
      isProbed
        ? `EgressIP node reachability enabled and using ${profile.health === 'grpc' ? 'gRPC port 9107' : 'legacy mode'}`
        : 'EgressIP node reachability check disabled',
      isProbed ? 0 : 2,
    );
    const writer = new PatchWriter(connection, events);
    const manager = new EgressIpManager({
      random: random.fork('allocator'),
      quirks: profile.quirks,
      isCloud,
      voice,
      client: (node) => this.#client(node, voice, isProbed),
      patch: (name, patch, done) =>
        writer.patch(name, patch, (object) => {
          if (object === null) this.#retryLater(name);
          done(object);
        }),
      askCloud: (request, done) => writer.askCloud(request, done),
      onVerdict: (node, reachable) => this.#tellVerdict(node, reachable),
    });
    const ticker = new CheckTicker(scheduler, (done) => manager.check(done));
    const nodes = connection.informer(Nodes, {
      onList: () => this.#sync(),
      onChange: (change) => this.#changeNode(change),
    });
    const egressIps = connection.informer(EgressIps, {
      onList: () => this.#sync(),
      onChange: (change) => this.#changeObject(change),
    });
    const cloud = isCloud
      ? connection.informer(CloudPrivateIpConfigs, {
          onList: () => this.#sync(),
          onChange: ({ object, type }) => {
            if (this.#current?.started === true) manager.changeCloud(object, type === 'DELETED');
          },
        })
      : null;
    const zone = this.#options.zone?.(voice) ?? null;
    life.lead = { manager, ticker, writer, zone, nodes, egressIps, cloud, started: false };
    zone?.start();
  }

  get #current(): Lead | null {
    return this.#lives.current?.lead ?? null;
  }

  /** Begins when everything has been listed. */
  #sync(): void {
    const lead = this.#current;
    if (lead === null || lead.started) return;
    const { cloud, egressIps, manager, nodes, ticker } = lead;
    if (!nodes.synced || !egressIps.synced || cloud?.synced === false) return;
    lead.started = true;
    manager.start(nodes.list(), egressIps.list());
    if (cloud !== null) manager.syncCloud(cloud.list());
    // Nobody knows how long before a failure the last tick was.
    const { random } = this.#options.context;
    ticker.start(Math.round(random.fork('ticker').unit() * CHECK_INTERVAL));
  }

  #changeNode({ object, previous, type }: Change<Node>): void {
    const lead = this.#current;
    if (lead === null || !lead.started) return;
    if (type === 'DELETED') lead.manager.deleteNode(object);
    else if (previous === null) lead.manager.addNode(object);
    else lead.manager.updateNode(previous, object);
  }

  #changeObject({ object, type }: Change<EgressIp>): void {
    const lead = this.#current;
    if (lead === null || !lead.started) return;
    if (type === 'DELETED') lead.manager.deleteObject(object);
    else if (type === 'ADDED') lead.manager.addObject(object);
    else lead.manager.updateObject(object);
  }

  /** The retry loop of events that ended in an error. */
  #retryLater(name: string): void {
    const lead = this.#current;
    const again = (): void => {
      if (this.#current === lead) lead?.manager.retry(name);
    };
    this.#options.context.scheduler.after(RETRY_INTERVAL, again, null, null, { background: true });
  }

  #client(node: string, voice: Voice, isProbed: boolean): HealthClient {
    const { context, host, reachabilityTimeout } = this.#options;
    if (!isProbed) return alwaysReachable;
    const { profile, scheduler } = context;
    const options = { node, scheduler, timeout: seconds(reachabilityTimeout), voice };
    return profile.health === 'grpc'
      ? new GrpcClient({ ...options, host })
      : new LegacyClient({ ...options, dialer: host });
  }

  #tellVerdict(node: string, reachable: boolean): void {
    const { events } = this.#options.context;
    const ip = this.#current?.nodes
      .get(node)
      ?.status.addresses?.find(({ type }) => type === 'InternalIP')?.address;
    const kind = reachable ? 'node-online' : 'node-offline';
    events.emit('controller', kind, { node, ip: ip ?? '' });
  }
}

function startLeader(leader: Leader): void {
  leader.start();
}

function restart(manager: ClusterManager): void {
  manager.restart();
}
