// The processes of OVN-Kubernetes: names and process ids for its pods, an agent per node, and a replica of the
// cluster manager on each master.

import type { ApiConnection } from '../../../kube/client/connection.ts';
import type { Nanos } from '../../../sim/time.ts';
import { podName, processId, replicaSetHash } from '../../pod-names.ts';
import type { HostNetwork } from '../host-network.ts';
import { NorthboundDatabase } from '../northbound.ts';
import { OvnkubeNode } from './agent.ts';
import { ClusterManager } from './cluster-manager.ts';
import type { Voice } from './sink.ts';
import type { OvnContext } from './site.ts';
import { ZoneController } from './zone/zone-controller.ts';
import { ZoneDriver } from './zone/zone-driver.ts';

/** What all processes of a cluster have in common. */
export interface OvnProcessesOptions {
  readonly clusterSubnets: readonly string[];
  readonly isCloud: boolean;
  /** Seconds of one health check; 0: nodes are not probed. */
  readonly reachabilityTimeout: number;
}

/** The agent's side of one node. */
export interface AgentSite {
  readonly host: HostNetwork;
  readonly connection: ApiConnection;
  /** '192.168.50.144/24' */
  readonly address: string;
  /** '10.128.2.2' */
  readonly management: string;
  /** How late the agent hears of everything. */
  readonly delay: Nanos;
}

/** Where a replica of the cluster manager runs. */
export interface ManagerSite {
  readonly host: HostNetwork;
  readonly connection: ApiConnection;
}

/** OpenShift gives each pod a SNAT row of its own. */
const POD_SNAT = true;

/** Makes the processes of one cluster; none of them runs yet. */
export class OvnProcesses {
  readonly #context: OvnContext;
  readonly #options: OvnProcessesOptions;
  readonly #central: NorthboundDatabase | null;
  readonly #databases = new Map<string, NorthboundDatabase>();
  readonly #replicaSet: string;

  constructor(context: OvnContext, options: OvnProcessesOptions) {
    this.#context = context;
    this.#options = options;
    this.#central = context.profile.database === 'central' ? new NorthboundDatabase() : null;
    this.#replicaSet = replicaSetHash(context.random.fork('names:replica-set'));
  }

  /** The northbound database that holds a node's rows: that of its zone, or the only one. */
  database(node: string): NorthboundDatabase {
    if (this.#central !== null) return this.#central;
    const known = this.#databases.get(node);
    if (known !== undefined) return known;
    const database = new NorthboundDatabase();
    this.#databases.set(node, database);
    return database;
  }

  /** By the node of its zone; the one of all is called `ovn`. */
  databases(): ReadonlyMap<string, NorthboundDatabase> {
    return this.#central === null ? this.#databases : new Map([['ovn', this.#central]]);
  }

  /** The ovnkube-node pod of one node. */
  agent(site: AgentSite): OvnkubeNode {
    const random = this.#context.random.fork(`names:${site.host.name}`);
    return new OvnkubeNode({
      ...site,
      context: this.#context,
      pod: podName('ovnkube-node', random),
      nextPid: () => processId(random),
      database: this.#central === null ? this.database(site.host.name) : null,
      clusterSubnets: this.#options.clusterSubnets,
      podSnat: POD_SNAT,
    });
  }

  /** One replica of the allocator. */
  manager({ connection, host }: ManagerSite): ClusterManager {
    const { profile } = this.#context;
    const random = this.#context.random.fork(`names:manager:${host.name}`);
    const prefix =
      profile.allocator === 'ovnkube-master'
        ? 'ovnkube-master'
        : `ovnkube-control-plane-${this.#replicaSet}`;
    const central = this.#central;
    return new ClusterManager({
      context: this.#context,
      host,
      connection,
      pod: podName(prefix, random),
      nextPid: () => processId(random),
      isCloud: this.#options.isCloud,
      reachabilityTimeout: this.#options.reachabilityTimeout,
      zone: central === null ? null : (voice) => this.#centralZone(central, connection, voice),
    });
  }

  /** All nodes are one zone, whose controller is the leader's. */
  #centralZone(database: NorthboundDatabase, connection: ApiConnection, voice: Voice): ZoneDriver {
    const { profile, random, scheduler } = this.#context;
    const controller = new ZoneController({
      profile,
      database,
      node: null,
      clusterSubnets: this.#options.clusterSubnets,
      podSnat: POD_SNAT,
      random: random.fork('zone'),
      voice,
    });
    return new ZoneDriver({
      connection,
      scheduler,
      controller,
      voice,
      delay: () => 0,
      podSnat: database,
      node: null,
      movesInTwo: profile.quirks.has('ovnk-move-window-node-ip'),
      transact: (write) => database.transact(write),
      onChange: () => undefined,
    });
  }
}
