// The cluster of a lab: its nodes and pods, its API, and what its network's processes log.

import { EgressLabError } from '../base/errors.ts';
import { hintAmong } from '../base/suggest.ts';
import { parseOc } from '../kube/oc/parse.ts';
import type { LabCluster } from '../lab/lab-cluster.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';
import type { Inside } from './inside.ts';
import type { Node } from './node.ts';
import type { Pod } from './pod.ts';

/** What an `oc` command printed and how it ended. */
export interface OcResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** An object of the cluster's API, as `oc get -o json` shows it. */
export interface ClusterObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/** One line that a process of the cluster network has logged. */
export interface LogRow {
  /** Lab time in nanoseconds. */
  readonly at: number;
  readonly text: string;
}

/** An egress IP and who holds it. */
export interface EgressIpRow {
  readonly address: string;
  /** Machines that have power and the address; one, if all is well. */
  readonly heldBy: readonly string[];
}

/**
 * A lab's cluster. You get it from {@link Lab}.
 *
 * @example
 * ```ts
 * import { createLab } from 'egresslab';
 *
 * const lab = createLab(`
 * name: small
 * segments: { lan: { subnet: 192.168.50.0/24, latency: 50us } }
 * cluster:
 *   sdn: openshift-sdn
 *   segment: lan
 *   nodes:
 *     master01: { role: master, address: 192.168.50.141/24 }
 *     worker01: { address: 192.168.50.144/24, egressCIDRs: [192.168.50.0/24] }
 *   namespaces: { web: { netid: 5281170, egressIPs: [192.168.50.120] } }
 * `);
 * lab.advance('6s');
 * console.log(lab.cluster.oc('get hostsubnet worker01 -o jsonpath={.egressIPs}').stdout); // ["192.168.50.120"]
 * console.log(lab.cluster.egressIps()[0]?.heldBy); // [ 'worker01' ]
 * ```
 */
export class Cluster {
  /** In the order of the topology. */
  readonly nodes: readonly Node[];
  /** In the order of the topology. */
  readonly pods: readonly Pod[];
  readonly #inside: Inside;
  readonly #cluster: LabCluster;

  private constructor(
    inside: Inside,
    cluster: LabCluster,
    nodes: readonly Node[],
    pods: readonly Pod[],
  ) {
    this.#inside = inside;
    this.#cluster = cluster;
    this.nodes = nodes;
    this.pods = pods;
  }

  /** @internal */
  static of(
    inside: Inside,
    cluster: LabCluster,
    nodes: readonly Node[],
    pods: readonly Pod[],
  ): Cluster {
    return new Cluster(inside, cluster, nodes, pods);
  }

  /**
   * Carries out an `oc` command as the administrator; a leading 'oc' may stand there or not. A command that the
   * API refuses is no error here: see `exitCode` and `stderr`.
   * @throws {@link EgressLabError} EGL_OC_VERB, EGL_OC_FLAG and the like for what `oc` does not understand
   */
  oc(command: string): OcResult {
    return this.#cluster.oc(parseOc(command, this.#cluster.store.kinds), command);
  }

  /** All objects of a kind ('Node', 'HostSubnet'), as JSON. @throws {@link EgressLabError} EGL_OC_RESOURCE */
  objects(kind: string): readonly ClusterObject[] {
    const { kinds } = this.#cluster.store.kinds;
    const found = kinds.find(({ name }) => name === kind);
    if (found === undefined) {
      throw new EgressLabError('EGL_OC_RESOURCE', `there is no kind "${kind}"`, {
        hint: hintAmong(
          kind,
          kinds.map(({ name }) => name),
        ),
      });
    }
    return structuredClone(this.#cluster.store.list(found).items);
  }

  /**
   * What the processes of the cluster network have logged, oldest first: those on a node, 'controller', or all
   * of them when nobody is named.
   */
  logs(from?: string): readonly LogRow[] {
    return this.#cluster.logLines(from ?? null);
  }

  /** Every egress IP that an object names, and who holds it. */
  egressIps(): readonly EgressIpRow[] {
    return this.#cluster.egressAddresses().map((address) => ({
      address: formatIpv4(address),
      heldBy: this.#inside.holders(address),
    }));
  }
}
