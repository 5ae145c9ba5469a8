// The ovnkube-node pod of one node: the controller of its zone, the node side, and the health server. Killed
// at any time it knows nothing and reads everything again; what it has configured stays.

import type { ApiConnection } from '../../../kube/client/connection.ts';
import { Nodes } from '../../../kube/kinds/node.ts';
import type { PodLog } from '../../../kube/server/pod-logs.ts';
import { LifeCycle } from '../../../sim/life-cycle.ts';
import type { Nanos } from '../../../sim/time.ts';
import type { FabricProcess } from '../../process.ts';
import type { HostNetwork } from '../host-network.ts';
import { parseIpNetwork } from '../ip-text.ts';
import type { NorthboundDatabase } from '../northbound.ts';
import { hostPort } from './health/grpc-client.ts';
import { HostSide } from './host/host-side.ts';
import { OVN_NAMESPACE } from './names.ts';
import type { Voice } from './sink.ts';
import { type OvnContext, voiceOf } from './site.ts';
import { PodEgressTeller } from './zone/pod-egress-teller.ts';
import { ZoneController } from './zone/zone-controller.ts';
import { ZoneDriver } from './zone/zone-driver.ts';

/** What the agent of a node is made with. */
export interface OvnkubeNodeOptions {
  readonly context: OvnContext;
  readonly host: HostNetwork;
  readonly connection: ApiConnection;
  readonly pod: string;
  readonly nextPid: () => number;
  /** Of its own zone; null when one central database is the business of ovnkube-master. */
  readonly database: NorthboundDatabase | null;
  /** The node's own address: '192.168.50.144/24'. */
  readonly address: string;
  /** Its management port: '10.128.2.2'. */
  readonly management: string;
  readonly clusterSubnets: readonly string[];
  readonly podSnat: boolean;
  /** How late the agent hears of everything. */
  readonly delay: Nanos;
}

/** Everything that one life of the process owns. */
interface Life {
  readonly driver: ZoneDriver | null;
  host: HostSide | null;
}

/** The ovnkube-node pod of one node. */
export class OvnkubeNode implements FabricProcess {
  readonly namespace: string = OVN_NAMESPACE;
  readonly container = 'ovnkube-controller';
  readonly role = 'agent';
  readonly #options: OvnkubeNodeOptions;
  readonly #log: PodLog;
  readonly #lives: LifeCycle<Life>;
  #controller: ZoneController | null = null;
  #delay: Nanos;

  constructor(options: OvnkubeNodeOptions) {
    this.#options = options;
    this.#delay = options.delay;
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

  /** What the controller of the zone believes, for inspection; null while it does not run. */
  get controller(): ZoneController | null {
    return this.isRunning ? this.#controller : null;
  }

  setApiDelay(delay: Nanos): void {
    this.#delay = delay;
  }

  start(): void {
    this.#lives.start();
  }

  stop(): void {
    this.#lives.stop();
  }

  #begin(): Life {
    const { connection, context, database, host, management, nextPid, pod } = this.#options;
    const { profile } = context;
    this.#log.clear();
    const source = host.name;
    const voice = voiceOf({ connection, context, source, pod, pid: nextPid(), log: this.#log });
    host.setAnnouncementGuard(!profile.quirks.has('ovnk-stale-db-garp'));
    if (profile.health === 'grpc') {
      host.setHealthServer(true);
      voice.log('I', 'egressip_healthcheck.go:68', 'Health checking using insecure connection');
      const where = hostPort(management);
      voice.log('I', 'egressip_healthcheck.go:91', `Starting Egress IP Health Server on ${where}`);
    }
    if (database === null) {
      host.setAnnouncementGuard(false);
      return { driver: null, host: null };
    }
    const driver = this.#drive(database, voice);
    driver.start();
    return { driver, host: null };
  }

  #end({ driver, host: side }: Life): void {
    const { context, host } = this.#options;
    const { quirks } = context.profile;
    driver?.stop();
    host.setHealthServer(false);
    // A stop that is graceful: nobody is to hear of these addresses from here any more (PR 6238).
    if (!quirks.has('ovnk-shutdown-race')) host.setArpBlock(this.#egressIps());
    side?.stop();
    this.#controller = null;
  }

  #drive(database: NorthboundDatabase, voice: Voice): ZoneDriver {
    const { clusterSubnets, connection, context, podSnat } = this.#options;
    const { profile, random, scheduler } = context;
    const controller = new ZoneController({
      profile,
      database,
      node: this.node,
      clusterSubnets,
      podSnat,
      random: random.fork(`zone:${this.node}`),
      voice,
    });
    this.#controller = controller;
    const teller = new PodEgressTeller(context.events, this.node, controller);
    return new ZoneDriver({
      connection,
      scheduler,
      controller,
      voice,
      delay: () => this.#delay,
      podSnat: podSnat ? database : null,
      node: this.node,
      movesInTwo: profile.quirks.has('ovnk-move-window-node-ip'),
      transact: (write) => database.transact(write),
      onChange: () => {
        const { egressIps, pods } = controller.takeChanges();
        teller.tell(pods);
        this.#followHost(controller, voice, egressIps);
      },
    });
  }

  #followHost(controller: ZoneController, voice: Voice, changed: ReadonlySet<string>): void {
    const life = this.#lives.current;
    if (life === null) return;
    if (life.host !== null) {
      life.host.update(changed);
      return;
    }
    const { address, clusterSubnets, context, host } = this.#options;
    const { events, profile, scheduler } = context;
    const own = parseIpNetwork(address);
    life.host = new HostSide({
      host,
      scheduler,
      events,
      profile,
      voice,
      controller,
      primary: own === null ? [] : [own],
      clusterSubnets,
      recorded: (annotation) => this.#recorded.get(annotation) ?? [],
      annotate: (annotation, values) => this.#annotate(annotation, values),
    });
    life.host.start();
    host.setArpBlock([]);
    host.setAnnouncementGuard(false);
  }

  /** What this node's annotations say, as far as the agent has written them: they outlive it. */
  readonly #recorded = new Map<string, readonly string[]>();

  #annotate(annotation: string, values: readonly string[]): void {
    const { connection, host } = this.#options;
    this.#recorded.set(annotation, values);
    const text = JSON.stringify(values);
    connection.request(
      (store) =>
        store.patch(Nodes, host.name, undefined, 'merge', {
          metadata: { annotations: { [annotation]: text } },
        }),
      () => undefined,
    );
  }

  /** IPs that this node answers for, by its router or its kernel. */
  #egressIps(): readonly string[] {
    const objects = this.#controller?.view.egressIps.on(this.node) ?? [];
    const items = objects.flatMap(({ status }) => status?.items ?? []);
    return items.flatMap(({ egressIP, node }) => (node === this.node ? [egressIP] : []));
  }
}
