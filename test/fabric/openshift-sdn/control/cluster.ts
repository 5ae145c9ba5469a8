// A control plane with fake nodes: real store, connections, agents and controller, no packet anywhere.

import { DialOutcome } from '../../../../src/fabric/dialer.ts';
import type { SdnAgent } from '../../../../src/fabric/openshift-sdn/control/agent.ts';
import type { SdnController } from '../../../../src/fabric/openshift-sdn/control/controller.ts';
import { SdnProcesses } from '../../../../src/fabric/openshift-sdn/control/processes.ts';
import { type Profile, profiles } from '../../../../src/fabric/openshift-sdn/control/profile.ts';
import { HostSubnets } from '../../../../src/fabric/openshift-sdn/kinds/host-subnet.ts';
import { ApiConnection } from '../../../../src/kube/client/connection.ts';
import { Random } from '../../../../src/sim/random.ts';
import { formatSeconds, seconds } from '../../../../src/sim/time.ts';
import { type ApiBench, addArticleCluster, apiBench } from '../../../kube/bench.ts';
import { FakeNode } from './fake-node.ts';

export interface Site {
  readonly node: FakeNode;
  readonly agent: SdnAgent;
  readonly connection: ApiConnection;
}

const ROUTINE = / (node|sdn_controller|networkpolicy|pod|cmd|network_controller|master)\.go:/;

export class ArticleCluster {
  readonly bench: ApiBench = apiBench();
  readonly sites: Map<string, Site> = new Map();
  readonly controller: SdnController;
  readonly controllerConnection: ApiConnection;
  readonly #dead = new Set<string>();

  constructor(options: { readonly profile?: Profile; readonly seed?: number } = {}) {
    const { profile = profiles['v4.3'], seed = 1 } = options;
    const { clock, events, logs, scheduler, store } = this.bench;
    addArticleCluster(store);
    const context = { scheduler, clock, events, logs, random: new Random(seed) };
    const policy = new SdnProcesses(context, { profile });
    for (const { hostIP, metadata } of store.list(HostSubnets).items) {
      const node = new FakeNode(scheduler, metadata.name, `${hostIP}/24`);
      node.answer = (to) => (this.#dead.has(to) ? DialOutcome.Timeout : DialOutcome.Refused);
      const connection = new ApiConnection({ store, scheduler, name: metadata.name });
      const agent = policy.agent({ node, nodeIp: node.nodeIp, connection });
      this.sites.set(metadata.name, { node, agent, connection });
    }
    const dialer = this.site('master01').node;
    this.controllerConnection = new ApiConnection({ store, scheduler, name: 'controller' });
    const subnets = new Map(
      store.list(HostSubnets).items.map(({ metadata, subnet }) => [metadata.name, subnet]),
    );
    this.controller = policy.controller({
      node: 'master01',
      subnetOf: (name) => subnets.get(name) ?? null,
      dialer,
      connection: this.controllerConnection,
    });
    for (const { agent } of this.sites.values()) agent.start();
    this.controller.start();
    this.until(0.5);
  }

  site(name: string): Site {
    const site = this.sites.get(name);
    if (site === undefined) throw new Error(`no node ${name}`);
    return site;
  }

  oc(line: string): string {
    const { stderr, stdout } = this.bench.oc(line);
    return stdout + stderr;
  }

  /** Seconds of lab time so far. */
  get now(): number {
    return this.bench.scheduler.now / 1e9;
  }

  until(time: number): void {
    this.bench.scheduler.advanceTo(seconds(time));
  }

  /** Power off: the agent dies, nothing answers, the API hears nothing. */
  kill(name: string): void {
    const { agent, connection } = this.site(name);
    agent.stop();
    connection.cut();
    this.#dead.add(this.#sdnIp(name));
  }

  /** Reachable or not, without harming the agent. */
  setAnswers(name: string, answers: boolean): void {
    if (answers) this.#dead.delete(this.#sdnIp(name));
    else this.#dead.add(this.#sdnIp(name));
  }

  #sdnIp(name: string): string {
    return this.bench.store.get(HostSubnets, name)?.subnet.replace(/0\/23$/, '1') ?? '';
  }

  /** Who holds an egress IP on its interface. */
  holders(ip: string): readonly string[] {
    return [...this.sites].filter(([, { node }]) => node.holds.includes(ip)).map(([name]) => name);
  }

  /** '2.003 controller egress-ip-assigned ip=... node=...' without log lines. */
  story(...kinds: readonly string[]): readonly string[] {
    return this.bench.events.events
      .filter(({ kind }) => (kinds.length === 0 ? kind !== 'log-line' : kinds.includes(kind)))
      .map(({ at, fields, kind, source }) => {
        const shown = Object.entries(fields).map(([key, value]) => `${key}=${String(value)}`);
        return `${formatSeconds(at)} ${source} ${kind} ${shown.join(' ')}`;
      });
  }

  /** The log of a pod, without what it says whenever it starts. */
  log(pod: string): readonly string[] {
    return this.wholeLog(pod).filter((line) => !ROUTINE.test(line));
  }

  /** The log of a pod. */
  wholeLog(pod: string): readonly string[] {
    return (this.bench.logs.find(pod, 'openshift-sdn')?.lines() ?? []).map(({ text }) => text);
  }
}
