// The control plane at size: a tracker, the allocator, and the API server with many objects and many
// watchers.

import { allocate } from '../../src/fabric/openshift-sdn/control/allocator.ts';
import { viewHostSubnet } from '../../src/fabric/openshift-sdn/control/host-subnet-view.ts';
import { profiles } from '../../src/fabric/openshift-sdn/control/profile.ts';
import { Tracker } from '../../src/fabric/openshift-sdn/control/tracker.ts';
import { Random } from '../../src/sim/random.ts';
import { hostSubnet } from '../fabric/openshift-sdn/control/objects.ts';
import { type LiveLab, startLiveLab } from '../support/live-lab.ts';
import { type Case, time } from './measure.ts';
import { cluster } from './topologies.ts';

const NODES = 500;
const NAMESPACES = 5_000;
const PER_NODE = NAMESPACES / NODES;
const WATCHERS = 1_000;
const UPDATES = 2_000;
const LISTS = 20;

const NETWORK = '/apis/network.openshift.io/v1';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const MERGE = 'application/merge-patch+json';

function egressIp(index: number): string {
  return `10.100.${128 + (index >> 8)}.${index & 255}`;
}

/** A HostSubnet of node `at`. */
function subnetOf(
  at: number,
  egressIPs: readonly string[],
  egressCIDRs: readonly string[],
): ReturnType<typeof viewHostSubnet> {
  const hostIP = `10.100.${at >> 8}.${at & 255}`;
  return viewHostSubnet(hostSubnet({ host: `node${at}`, hostIP, egressIPs, egressCIDRs }));
}

function ipsOf(node: number): string[] {
  return Array.from({ length: PER_NODE }, (_, index) => egressIp(node * PER_NODE + index));
}

/** Knows all namespaces, each with one egress IP, and all nodes. */
function tracker(hosts: boolean): Tracker {
  const result = new Tracker({ profile: profiles['v4.3'] });
  for (let at = 0; at < NODES; at++) {
    result.receiveHostSubnet(subnetOf(at, hosts ? ipsOf(at) : [], ['10.100.0.0/16']));
  }
  for (let at = 0; at < NAMESPACES; at++) {
    result.updateNetNamespace(`project${at}`, 1_000 + at, [egressIp(at)]);
  }
  return result;
}

function updatesPerSecond(): number {
  const known = tracker(true);
  let effects = 0;
  const milliseconds = time(() => {
    for (let i = 0; i < UPDATES; i++) {
      const node = (i >> 1) % NODES;
      // One address goes, and comes back: a change that has consequences each time.
      const ips = (i & 1) === 0 ? ipsOf(node).slice(1) : ipsOf(node);
      effects += known.receiveHostSubnet(subnetOf(node, ips, ['10.100.0.0/16'])).length;
    }
  });
  if (effects < UPDATES) throw new Error(`${effects} effects of ${UPDATES} changes`);
  return (UPDATES / milliseconds) * 1000;
}

function allocation(): number {
  const known = tracker(false);
  let placed = 0;
  const milliseconds = time(() => {
    const result = allocate({
      state: known.state,
      profile: profiles['v4.3'],
      random: new Random(1),
    });
    let at = 0;
    for (const ips of result.values()) {
      placed += ips.length;
      known.receiveHostSubnet(subnetOf(at++, ips, ['10.100.0.0/16']));
    }
  });
  if (placed !== NAMESPACES) throw new Error(`${placed} of ${NAMESPACES} placed`);
  return milliseconds;
}

async function served<T>(work: (live: LiveLab) => Promise<T>): Promise<T> {
  const live = await startLiveLab(cluster(NODES, 0), {
    limits: { streams: WATCHERS + 8, known: 2 * WATCHERS },
  });
  try {
    return await work(live);
  } finally {
    await live.stop();
  }
}

/** Milliseconds per list, on one connection. */
function listing(accept: string): Promise<number> {
  return served(async (live) => {
    const start = performance.now();
    for (let i = 0; i < LISTS; i++) {
      const { status, text } = await live.ask(`${NETWORK}/hostsubnets?limit=500`, {
        headers: { accept },
      });
      if (status !== 200 || text.length < 50_000) throw new Error(`${status}: ${text.length}`);
    }
    return (performance.now() - start) / LISTS;
  });
}

/** Milliseconds from a patch until the last of many watchers has heard of it. */
function watching(): Promise<number> {
  return served(async (live) => {
    const path = `${NETWORK}/hostsubnets?watch=true&resourceVersion=${live.lab.cluster?.store.resourceVersion ?? 0}`;
    const watchers = [];
    for (let i = 0; i < WATCHERS; i++) {
      watchers.push(await live.stream(path, { accept: TABLE }));
    }
    const start = performance.now();
    await live.ask(`${NETWORK}/hostsubnets/node1`, {
      method: 'PATCH',
      headers: { 'content-type': MERGE },
      body: '{"egressIPs": ["10.100.200.1"]}',
    });
    await Promise.all(watchers.map((watcher) => watcher.until(1)));
    const milliseconds = performance.now() - start;
    for (const watcher of watchers) {
      if (watcher.lines.length !== 1) throw new Error('a watcher heard nothing');
      watcher.close();
    }
    return milliseconds;
  });
}

const SIZE = '500 nodes, 5,000 namespaces';

export const live: readonly Case[] = [
  {
    name: `7  one HostSubnet change in a tracker, ${SIZE}`,
    unit: 'changes/s',
    aim: '1,000 (1 ms each)',
    run: updatesPerSecond,
  },
  {
    name: `8  allocation of 5,000 egress IPs to 500 nodes`,
    unit: 'ms',
    aim: 'under 2,000',
    run: allocation,
  },
  {
    name: '9  list of 500 HostSubnets over HTTPS, as objects',
    unit: 'ms',
    aim: 'under 20',
    run: () => listing('application/json'),
  },
  {
    name: '9t list of 500 HostSubnets over HTTPS, as a Table',
    unit: 'ms',
    aim: 'under 20',
    run: () => listing(TABLE),
  },
  {
    name: '10 one change told to 1,000 watchers',
    unit: 'ms',
    aim: 'all of them hear it',
    run: watching,
  },
];
