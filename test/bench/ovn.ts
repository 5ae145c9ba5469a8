// OVN-Kubernetes: packets of a pod through its gateway router, and how long the cluster manager computes.

import { EgressIpManager } from '../../src/fabric/ovn-kubernetes/control/allocator/manager.ts';
import type { EgressIp } from '../../src/fabric/ovn-kubernetes/kinds/egress-ip.ts';
import { resolveProfile } from '../../src/fabric/ovn-kubernetes/profile.ts';
import { createLab } from '../../src/lab/lab.ts';
import { Random } from '../../src/sim/random.ts';
import { seconds } from '../../src/sim/time.ts';
import { parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { eipOf, nodeOf } from '../fabric/ovn-kubernetes/objects.ts';
import { type Case, time } from './measure.ts';
import { ovnPair } from './topologies.ts';

const ROUND_TRIPS = 100_000;
const NODES = 500;
const OBJECTS = 5_000;

/** A pod on its egress node pings the server; both ends are the same as in case 1. */
function roundTripsPerSecond(): number {
  const lab = createLab(ovnPair());
  lab.advance('5s');
  const server = parseIpv4('192.168.50.10');
  if (server === null) throw new Error('no address');
  let answered = 0;
  const socket = lab.stack('web').icmp.openEcho({
    onReply: () => {
      if (++answered < ROUND_TRIPS) socket.send(server, answered & 0xffff, { size: 56 });
    },
    onError: () => {},
  });
  const milliseconds = time(() => {
    socket.send(server, 0, { size: 56 });
    lab.scheduler.advanceTo(lab.now + seconds(60));
  });
  if (answered !== ROUND_TRIPS) throw new Error(`${answered} of ${ROUND_TRIPS} answered`);
  return (ROUND_TRIPS / milliseconds) * 1000;
}

/** A manager whose patches are written and watched at once. */
class Bench {
  readonly manager: EgressIpManager;
  readonly #objects = new Map<string, EgressIp>();
  readonly #watched: (() => void)[] = [];
  patches = 0;

  constructor() {
    this.manager = new EgressIpManager({
      random: new Random(1),
      quirks: resolveProfile('head').quirks,
      isCloud: false,
      voice: { log: () => undefined, event: () => undefined },
      client: () => ({
        isConnected: false,
        connect: (_addresses, done) => done(true),
        probe: (done) => done(true),
        disconnect: () => undefined,
      }),
      patch: (name, { items }, done) => {
        const object = this.#objects.get(name);
        if (object === undefined) throw new Error(name);
        this.patches++;
        const written: EgressIp = items === undefined ? object : { ...object, status: { items } };
        this.#objects.set(name, written);
        this.#watched.push(() => this.manager.updateObject(written));
        done(written);
      },
      askCloud: (_request, done) => done(),
      onVerdict: () => undefined,
    });
  }

  allocate(): void {
    const nodes = Array.from({ length: NODES }, (_, i) => nodeOf(vectorNode(i)));
    for (let i = 0; i < OBJECTS; i++) {
      const name = `eip${i}`;
      const ips = [`10.100.${100 + Math.floor(i / 250)}.${1 + (i % 250)}`];
      this.#objects.set(name, eipOf({ name, ips }));
    }
    // Nodes first: otherwise the first that is labeled takes everything.
    this.manager.start(nodes, []);
    for (const object of [...this.#objects.values()]) this.manager.addObject(object);
    this.settle();
  }

  failNode(): void {
    const before = nodeOf(vectorNode(7));
    const after = nodeOf({ ...vectorNode(7), ready: false });
    this.manager.updateNode(before, after);
    this.settle();
  }

  settle(): void {
    for (let next = this.#watched.shift(); next !== undefined; next = this.#watched.shift()) next();
  }

  nodes(): number {
    return new Set([...this.#objects.values()].flatMap(({ status }) => status?.items ?? [])).size;
  }
}

function vectorNode(i: number) {
  const host = `10.100.${1 + Math.floor(i / 250)}.${1 + (i % 250)}`;
  return {
    name: `node${i}`,
    primary: [`${host}/16`],
    hostCIDRs: [`${host}/16`],
    label: true,
    ready: true,
  };
}

function allocation(): number {
  const bench = new Bench();
  const milliseconds = time(() => bench.allocate());
  if (bench.nodes() !== OBJECTS) throw new Error(`${bench.nodes()} of ${OBJECTS} have a node`);
  return milliseconds;
}

function failure(): number {
  const bench = new Bench();
  bench.allocate();
  bench.patches = 0;
  const milliseconds = time(() => bench.failNode());
  if (bench.patches < OBJECTS / NODES / 2) throw new Error(`${bench.patches} objects moved`);
  return milliseconds;
}

export const ovn: readonly Case[] = [
  {
    name: '16 case 1 with OVN-Kubernetes: pod - GR - server',
    unit: 'round trips/s',
    aim: 'half of case 1',
    run: roundTripsPerSecond,
  },
  {
    name: '13 allocation of 5,000 EgressIPs to 500 nodes',
    unit: 'ms',
    aim: 'under 3,000',
    run: allocation,
  },
  {
    name: '14 one of 500 nodes fails: the allocator settles',
    unit: 'ms',
    aim: 'under 300',
    run: failure,
  },
];
