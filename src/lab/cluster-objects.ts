// The API objects that a cluster begins with: what the installer and a day of operation left behind.

import { present } from '../base/assert.ts';
import type { FabricNetwork } from '../fabric/network.ts';
import type { Metadata } from '../fabric/plan.ts';
import type { JsonObject } from '../kube/json.ts';
import type { Namespace } from '../kube/kinds/namespace.ts';
import type { Node } from '../kube/kinds/node.ts';
import type { NewObject } from '../kube/kinds/object.ts';
import type { Pod } from '../kube/kinds/pod.ts';
import type { WallClock } from '../kube/wall-clock.ts';
import { seconds } from '../sim/time.ts';
import type { ClusterSpec, NodeSpec, PodSpec } from '../topology/model.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';

/** How old the cluster is at time zero: the article's `oc get nodes` says 23h. */
const CLUSTER_AGE = seconds(23 * 3600);

/** In the order in which they are created, which their resource versions tell. */
export function clusterObjects(
  spec: ClusterSpec,
  network: FabricNetwork,
  systemNamespace: string,
  clock: WallClock,
): JsonObject[] {
  const created = clock.timestamp(-CLUSTER_AGE);
  const { besideNodes, besideNamespaces, nodeAnnotations } = network.objects(created);
  const { kubeletVersion } = network.release;
  const own = new Map(spec.namespaces.map((namespace) => [namespace.name, namespace]));
  const hosts = new Map(spec.nodes.map(({ name, address }) => [name, formatIpv4(address.address)]));
  const namespaces = new Set([systemNamespace, ...own.keys()]);
  return [
    ...spec.nodes.map((node) =>
      nodeObject(node, kubeletVersion, nodeAnnotations.get(node.name) ?? {}, created),
    ),
    ...besideNodes,
    ...[...namespaces].map((name) => namespaceObject(name, own.get(name) ?? BARE, created)),
    ...besideNamespaces,
    ...systemPods(network, hosts, created),
    ...spec.pods.map((pod) => podObject(pod, hosts, created)),
  ];
}

/**
 * What a kubelet says of its node when it registers: it is not Ready yet. Labels and annotations that people
 * had put on it are gone; those that the cluster network writes are written again.
 */
export function registeredNode(
  { nodes }: ClusterSpec,
  network: FabricNetwork,
  name: string,
  created: string,
): NewObject<Node> {
  const node = present(
    nodes.find((each) => each.name === name),
    'a kubelet runs on a node',
  );
  const written = network.objects(created).nodeAnnotations.get(name) ?? {};
  const { kubeletVersion } = network.release;
  const object = nodeObject({ ...node, ...BARE }, kubeletVersion, written, created);
  const conditions = (object.status.conditions ?? []).map((condition) => {
    const message = 'container runtime network not ready';
    return { ...condition, status: 'False' as const, reason: 'KubeletNotReady', message };
  });
  return { ...object, status: { ...object.status, conditions } };
}

const BARE: Metadata = { labels: {}, annotations: {} };

/** Labels and annotations of an object, each only where there are any. */
function metadataOf({ labels, annotations }: Metadata): Partial<Metadata> {
  return {
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

/** Nothing here uses any of it. */
const CAPACITY: Readonly<Record<string, string>> = { cpu: '4', memory: '16Gi', pods: '250' };

function nodeObject(
  { name, role, address, labels, annotations }: NodeSpec,
  kubeletVersion: string,
  written: Readonly<Record<string, string>>,
  created: string,
): NewObject<Node> {
  const transition = { lastHeartbeatTime: created, lastTransitionTime: created };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      creationTimestamp: created,
      ...metadataOf({
        labels: {
          'kubernetes.io/hostname': name,
          [`node-role.kubernetes.io/${role}`]: '',
          ...labels,
        },
        annotations: { ...written, ...annotations },
      }),
    },
    spec: {},
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
          ...transition,
        },
      ],
      addresses: [
        { type: 'InternalIP', address: formatIpv4(address.address) },
        { type: 'Hostname', address: name },
      ],
      capacity: CAPACITY,
      allocatable: CAPACITY,
      nodeInfo: {
        kubeletVersion,
        osImage: 'Red Hat Enterprise Linux CoreOS',
        kernelVersion: 'Linux, emulated by egresslab',
        containerRuntimeVersion: 'cri-o://1.17',
      },
    },
  };
}

function namespaceObject(name: string, metadata: Metadata, created: string): NewObject<Namespace> {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, creationTimestamp: created, ...metadataOf(metadata) },
    status: { phase: 'Active' },
  };
}

/** The pods whose logs people read. */
function systemPods(
  { processes }: FabricNetwork,
  hosts: HostAddresses,
  created: string,
): NewObject<Pod>[] {
  return processes.map(({ pod, namespace, container, node }) => {
    const hostIP = hostAddress(hosts, node);
    const place = { nodeName: node, hostNetwork: true, podIP: hostIP, hostIP };
    return runningPod(pod, namespace, container, BARE, place, created);
  });
}

function podObject(pod: PodSpec, hosts: HostAddresses, created: string): NewObject<Pod> {
  const { name, namespace, node, address } = pod;
  const podIP = formatIpv4(address.address);
  const place = { nodeName: node, hostNetwork: false, podIP, hostIP: hostAddress(hosts, node) };
  return runningPod(name, namespace, name, pod, place, created);
}

/** The primary address of each node, by its name. */
type HostAddresses = ReadonlyMap<string, string>;

function hostAddress(hosts: HostAddresses, node: string): string {
  return present(hosts.get(node), 'a pod runs on a node');
}

interface Place {
  readonly nodeName: string;
  readonly hostNetwork: boolean;
  readonly podIP: string;
  readonly hostIP: string;
}

function runningPod(
  name: string,
  namespace: string,
  container: string,
  metadata: Metadata,
  { nodeName, hostNetwork, podIP, hostIP }: Place,
  created: string,
): NewObject<Pod> {
  const conditions: Pod['status']['conditions'] = [
    { type: 'Ready', status: 'True', lastTransitionTime: created },
  ];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, creationTimestamp: created, ...metadataOf(metadata) },
    spec: { nodeName, hostNetwork, containers: [{ name: container }] },
    status: {
      phase: 'Running',
      podIP,
      hostIP,
      conditions,
      containerStatuses: [{ name: container, ready: true, restartCount: 0 }],
    },
  };
}
