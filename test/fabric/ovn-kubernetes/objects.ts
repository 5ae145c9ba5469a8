// Nodes, EgressIPs, pods and namespaces for tests, from the short forms of the vectors.

import type {
  EgressIp,
  EgressIpStatusItem,
  LabelSelector,
} from '../../../src/fabric/ovn-kubernetes/kinds/egress-ip.ts';
import type { Namespace } from '../../../src/kube/kinds/namespace.ts';
import type { Node } from '../../../src/kube/kinds/node.ts';
import type { ObjectMeta, TextMap } from '../../../src/kube/kinds/object.ts';
import type { Pod } from '../../../src/kube/kinds/pod.ts';

export interface VectorNode {
  readonly name: string;
  readonly primary?: readonly string[];
  readonly hostCIDRs?: readonly string[] | null;
  readonly label?: boolean;
  readonly ready?: boolean;
  readonly hybridOverlay?: boolean;
  readonly cloud?: {
    readonly ipv4?: string;
    readonly ipv6?: string;
    readonly capacity?: Readonly<Record<string, number>>;
  };
  readonly join?: readonly string[];
  readonly transit?: readonly string[];
  readonly mgmt?: readonly string[];
  readonly otherAnnotation?: string;
  readonly udn?: Readonly<
    Record<string, { readonly join?: readonly string[]; readonly subnet: string }>
  >;
}

export interface VectorEip {
  readonly name: string;
  readonly ips: readonly string[];
  readonly namespaceSelector?: LabelSelector;
  readonly podSelector?: LabelSelector;
  readonly status?: readonly EgressIpStatusItem[];
  readonly mark?: string | null;
}

export interface VectorPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string | null;
  readonly ips: readonly string[];
  readonly labels: TextMap;
  readonly hostNetwork?: boolean;
  readonly phase?: string;
  readonly network?: string;
}

export function meta(name: string, rest: Partial<ObjectMeta> = {}): ObjectMeta {
  return {
    name,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '2026-08-21T08:00:00Z',
    ...rest,
  };
}

function pair(addresses: readonly string[], suffix = ''): string {
  const of = (isV6: boolean): string | undefined => {
    const found = addresses.find((address) => address.includes(':') === isV6);
    return found === undefined ? undefined : `${found}${suffix}`;
  };
  return JSON.stringify({ ipv4: of(false), ipv6: of(true) });
}

export function nodeOf(given: VectorNode): Node {
  const { primary, hostCIDRs, cloud, join, transit, mgmt } = given;
  const annotations: Record<string, string> = {
    ...(primary === undefined ? {} : { 'k8s.ovn.org/node-primary-ifaddr': pair(primary) }),
    ...(hostCIDRs === undefined || hostCIDRs === null
      ? {}
      : { 'k8s.ovn.org/host-cidrs': JSON.stringify(hostCIDRs) }),
    ...(cloud === undefined
      ? {}
      : {
          'cloud.network.openshift.io/egress-ipconfig': JSON.stringify([
            {
              interface: 'eni-1',
              ifaddr: { ipv4: cloud.ipv4, ipv6: cloud.ipv6 },
              capacity: cloud.capacity ?? {},
            },
          ]),
        }),
    ...(join === undefined
      ? {}
      : {
          'k8s.ovn.org/node-gateway-router-lrp-ifaddrs': JSON.stringify({
            default: JSON.parse(pair(join, '/16')),
          }),
        }),
    ...(transit === undefined
      ? {}
      : { 'k8s.ovn.org/node-transit-switch-port-ifaddr': pair(transit, '/16') }),
    ...(mgmt === undefined
      ? {}
      : {
          'k8s.ovn.org/node-subnets': JSON.stringify({
            default: mgmt.map((ip) => `${ip.replace(/\.2$/, '.0')}/24`),
          }),
        }),
    ...(given.hybridOverlay === true
      ? { 'k8s.ovn.org/hybrid-overlay-node-subnet': '10.132.0.0/24' }
      : {}),
    ...(given.otherAnnotation === undefined ? {} : { other: given.otherAnnotation }),
  };
  const labels: TextMap = given.label === true ? { 'k8s.ovn.org/egress-assignable': '' } : {};
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: meta(given.name, { annotations, labels }),
    spec: {},
    status: {
      conditions: [{ type: 'Ready', status: given.ready === false ? 'False' : 'True' }],
    },
  };
}

export function eipOf(given: VectorEip, metadata: Partial<ObjectMeta> = {}): EgressIp {
  const { name, ips, status, mark } = given;
  const annotations: TextMap =
    typeof mark === 'string' ? { 'k8s.ovn.org/egressip-mark': mark } : {};
  return {
    apiVersion: 'k8s.ovn.org/v1',
    kind: 'EgressIP',
    metadata: meta(name, { annotations, ...metadata }),
    spec: {
      egressIPs: ips,
      namespaceSelector: given.namespaceSelector ?? {},
      ...(given.podSelector === undefined ? {} : { podSelector: given.podSelector }),
    },
    ...(status === undefined ? {} : { status: { items: status } }),
  };
}

export function podOf({ namespace, name, node, ips, labels, hostNetwork, phase }: VectorPod): Pod {
  const [podIP] = ips;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(name, { namespace, labels }),
    spec: {
      containers: [],
      ...(node === null ? {} : { nodeName: node }),
      ...(hostNetwork === undefined ? {} : { hostNetwork }),
    },
    status: {
      phase: phase ?? 'Running',
      ...(podIP === undefined ? {} : { podIP, podIPs: ips.map((ip) => ({ ip })) }),
    },
  };
}

export function namespaceOf(name: string, labels: TextMap): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: meta(name, { labels }) };
}
