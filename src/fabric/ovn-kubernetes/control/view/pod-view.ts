// What a zone needs to know of a pod.

import { isJsonArray, isJsonObject, type JsonObject } from '../../../../kube/json.ts';
import { keyOf, type TextMap } from '../../../../kube/kinds/object.ts';
import type { Pod } from '../../../../kube/kinds/pod.ts';
import { canonicalIp } from '../../ip-text.ts';

/** A pod as a zone sees it. */
export interface PodView {
  /** 'namespace/name' */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  /** Null: not scheduled. */
  readonly node: string | null;
  /** Canonical, one per family at most; empty while it has none. */
  readonly ips: readonly string[];
  readonly labels: TextMap;
  readonly hostNetwork: boolean;
  /** Succeeded or failed. */
  readonly completed: boolean;
}

/** Reads a Pod. */
export function viewPod({ metadata, spec, status }: Pod): PodView {
  const { name, namespace = 'default', labels } = metadata;
  return {
    key: keyOf(name, namespace),
    namespace,
    name,
    node: spec.nodeName ?? null,
    ips: podIps(status),
    labels: labels ?? {},
    hostNetwork: spec.hostNetwork === true,
    completed: status.phase === 'Succeeded' || status.phase === 'Failed',
  };
}

/** A pod that egress IPs are for: host network pods use the address of their node. */
export function isEligible({ node, hostNetwork, completed }: PodView): boolean {
  return node !== null && !hostNetwork && !completed;
}

function podIps(status: JsonObject): readonly string[] {
  const { podIP, podIPs } = status;
  const all = isJsonArray(podIPs)
    ? podIPs.map((item) => (isJsonObject(item) ? item.ip : null))
    : [podIP];
  return all.flatMap((text) => {
    const ip = typeof text === 'string' ? canonicalIp(text) : null;
    return ip === null ? [] : [ip];
  });
}
