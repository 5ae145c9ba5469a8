// A store in virtual time for tests, with the article's five nodes on demand.

import { HostSubnets } from '../../src/fabric/openshift-sdn/kinds/host-subnet.ts';
import { NetNamespaces } from '../../src/fabric/openshift-sdn/kinds/net-namespace.ts';
import { type Node, Nodes } from '../../src/kube/kinds/node.ts';
import type { NewObject } from '../../src/kube/kinds/object.ts';
import type { OcEnvironment } from '../../src/kube/oc/environment.ts';
import type { OcResult } from '../../src/kube/oc/execute.ts';
import { runOc } from '../../src/kube/oc/execute.ts';
import { PodLogs } from '../../src/kube/server/pod-logs.ts';
import { ObjectStore } from '../../src/kube/server/store.ts';
import { WallClock } from '../../src/kube/wall-clock.ts';
import type { LabEvents } from '../../src/lab/events.ts';
import { EventLog } from '../../src/sim/event-log.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { kinds, parseOc } from '../support/kinds.ts';

/** 2020-05-09T08:00:00Z, in microseconds. */
export const EPOCH_MICROS = 1_589_011_200e6;

export interface ApiBench {
  readonly scheduler: Scheduler;
  readonly clock: WallClock;
  readonly events: EventLog<LabEvents>;
  readonly store: ObjectStore;
  readonly logs: PodLogs;
  readonly environment: OcEnvironment;
  /** Types a command. */
  readonly oc: (line: string) => OcResult;
}

export function apiBench(options: { readonly historyLimit?: number } = {}): ApiBench {
  const scheduler = new Scheduler();
  const clock = new WallClock(scheduler, EPOCH_MICROS);
  const store = new ObjectStore({ kinds, scheduler, clock, seed: 1, ...options });
  const logs = new PodLogs(scheduler);
  const environment: OcEnvironment = {
    store,
    scheduler,
    logs,
    listStyle: 'go',
    namespace: 'default',
    systemNamespace: 'openshift-sdn',
  };
  const oc = (line: string): OcResult => runOc(parseOc(line), environment);
  return { scheduler, clock, events: new EventLog(scheduler), store, logs, environment, oc };
}

const SUBNETS: readonly (readonly [string, string, string, string])[] = [
  ['master01', 'master', '192.168.50.141', '10.10.0.0/23'],
  ['master02', 'master', '192.168.50.142', '10.9.0.0/23'],
  ['master03', 'master', '192.168.50.143', '10.8.0.0/23'],
  ['worker01', 'worker', '192.168.50.144', '10.11.0.0/23'],
  ['worker02', 'worker', '192.168.50.145', '10.8.2.0/23'],
];

export function nodeObject(name: string, role: string, address: string): NewObject<Node> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { [`node-role.kubernetes.io/${role}`]: '' },
      creationTimestamp: '2020-05-08T09:00:00Z',
    },
    spec: {},
    status: {
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
      addresses: [{ type: 'InternalIP', address }],
      nodeInfo: {
        kubeletVersion: 'v1.17.1',
        osImage: 'Red Hat Enterprise Linux CoreOS 44.81',
        kernelVersion: '4.18.0-147.8.1.el8_1.x86_64',
        containerRuntimeVersion: 'cri-o://1.17.4-8.dev',
      },
    },
  };
}

/** Nodes, HostSubnets and the namespace of the article. */
export function addArticleCluster(store: ObjectStore): void {
  for (const [name, role, address, subnet] of SUBNETS) {
    store.create(Nodes, nodeObject(name, role, address));
    store.create(HostSubnets, {
      apiVersion: 'network.openshift.io/v1',
      kind: 'HostSubnet',
      metadata: { name },
      host: name,
      hostIP: address,
      subnet,
    });
  }
  store.create(NetNamespaces, {
    apiVersion: 'network.openshift.io/v1',
    kind: 'NetNamespace',
    metadata: { name: 'mywebserver' },
    netname: 'mywebserver',
    netid: 5_281_170,
  });
}
