import { describe, expect, test } from 'vitest';
import { SdnProcesses } from '../../../../src/fabric/openshift-sdn/control/processes.ts';
import { profiles } from '../../../../src/fabric/openshift-sdn/control/profile.ts';
import type { OpenshiftSdnEvents } from '../../../../src/fabric/openshift-sdn/events.ts';
import { HostSubnets } from '../../../../src/fabric/openshift-sdn/kinds/host-subnet.ts';
import { NetNamespaces } from '../../../../src/fabric/openshift-sdn/kinds/net-namespace.ts';
import { ApiConnection } from '../../../../src/kube/client/connection.ts';
import { PodLogs } from '../../../../src/kube/server/pod-logs.ts';
import { ObjectStore } from '../../../../src/kube/server/store.ts';
import { WallClock } from '../../../../src/kube/wall-clock.ts';
import { formatMark } from '../../../../src/nat/snat/rule.ts';
import { EventLog } from '../../../../src/sim/event-log.ts';
import { Random } from '../../../../src/sim/random.ts';
import { Scheduler } from '../../../../src/sim/scheduler.ts';
import { seconds } from '../../../../src/sim/time.ts';
import { formatIpv4 } from '../../../../src/wire/ipv4-address.ts';
import { kinds } from '../../../support/kinds.ts';
import { FakeNode } from './fake-node.ts';
import { hostSubnet, meta, netNamespace } from './objects.ts';
import { type NodeStep, vectorFile } from './vector-file.ts';

/** An agent on the local node of a vector, fed through a real store and connection. */
class NodeVectorRun {
  readonly #scheduler = new Scheduler();
  readonly #store: ObjectStore;
  readonly #events: EventLog<OpenshiftSdnEvents>;
  readonly #node: FakeNode;
  readonly #tunMac: string;

  constructor(localIP: string, tunMac: string) {
    const scheduler = this.#scheduler;
    const clock = new WallClock(scheduler, 0);
    this.#store = new ObjectStore({ kinds, scheduler, clock, seed: 1 });
    this.#events = new EventLog(scheduler);
    this.#node = new FakeNode(scheduler, 'local', `${localIP}/24`);
    this.#tunMac = tunMac;
    const connection = new ApiConnection({ store: this.#store, scheduler, name: 'local' });
    const logs = new PodLogs(scheduler);
    const context = { scheduler, clock, events: this.#events, random: new Random(1), logs };
    const policy = new SdnProcesses(context, { profile: profiles.head });
    policy.agent({ node: this.#node, nodeIp: this.#node.nodeIp, connection }).start();
    scheduler.advanceTo(seconds(1));
  }

  run(step: NodeStep): void {
    const before = new Set(this.#node.holds);
    const seen = this.#events.events.length;
    this.#write(step);
    this.#scheduler.advanceTo(this.#scheduler.now + seconds(0.01));
    const after = new Set(this.#node.holds);
    expect({
      claim: [...after].filter((ip) => !before.has(ip)),
      release: [...before].filter((ip) => !after.has(ip)),
    }).toEqual(step.expect.netlink);
    expect(this.#namespaces()).toEqual(step.expect.namespaces);
    const errors = this.#events.events
      .slice(seen)
      .flatMap((event) => (event.kind === 'log-line' ? event.fields.line : []))
      .filter((line) => line.startsWith('E'));
    for (const text of step.expect.errors ?? []) {
      expect(errors).toContainEqual(expect.stringContaining(`egressip.go:232] ${text}`));
    }
  }

  #write(step: NodeStep): void {
    const { name = '', host = '', hostIP = '', netid = 0 } = step;
    const egressIPs = (step.egressIPs ?? []) as readonly string[];
    const { egressCIDRs = [] } = step;
    if (step.do === 'updateHostSubnet') {
      // The subnets of the vectors all are one: nobody looks at them here.
      const object = hostSubnet({ host, hostIP, egressIPs, egressCIDRs }, meta(name));
      const known = this.#store.get(HostSubnets, name);
      const result =
        known === null
          ? this.#store.create(HostSubnets, object)
          : this.#store.update(HostSubnets, { ...object, metadata: known.metadata });
      expect(result.ok).toBe(true);
    } else if (step.do === 'updateNetNamespace') {
      const object = netNamespace(name, netid, egressIPs);
      const known = this.#store.get(NetNamespaces, name);
      if (known === null) this.#store.create(NetNamespaces, object);
      else this.#store.update(NetNamespaces, { ...object, metadata: known.metadata });
    } else {
      expect(step.do).toBe('deleteNetNamespace');
      this.#store.delete(NetNamespaces, name);
    }
  }

  #namespaces(): unknown {
    const entries = [...this.#node.namespaces].map(([vnid, egress]) => {
      if (egress.kind !== 'via') return [vnid, egress.kind];
      const buckets = egress.buckets.map((bucket) =>
        bucket.kind === 'local'
          ? { kind: 'local', ethDst: this.#tunMac, pktMark: formatMark(bucket.mark) }
          : { kind: 'remote', tunDst: formatIpv4(bucket.hostIp) },
      );
      return [vnid, buckets];
    });
    return Object.fromEntries(entries);
  }
}

describe('an sdn pod does to its node what the original does', () => {
  test.each(vectorFile.nodeVectors.map((vector) => [vector.name, vector] as const))(
    '%s',
    (_name, { localIP, steps, tunMAC }) => {
      const run = new NodeVectorRun(localIP, tunMAC);
      steps.forEach((step, index) => {
        try {
          run.run(step);
        } catch (error) {
          throw new Error(`step ${index}: ${String(error)}`, { cause: error });
        }
      });
    },
  );
});
