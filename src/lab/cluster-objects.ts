// The API objects that a cluster begins with: what the installer and a day of operation left behind.

import type { ControlPlane } from '../cluster/control-plane.ts';
import type { ProfileName } from '../fabric/openshift-sdn/control/profile.ts';
import type { HostSubnet } from '../fabric/openshift-sdn/kinds/host-subnet.ts';
import type { NetNamespace } from '../fabric/openshift-sdn/kinds/net-namespace.ts';
import type { Namespace } from '../kube/kinds/namespace.ts';
import type { Node } from '../kube/kinds/node.ts';
import type { NewObject } from '../kube/kinds/object.ts';
import type { Pod } from '../kube/kinds/pod.ts';
import type { ClusterSpec, NamespaceSpec, NodeSpec, PodSpec } from '../topology/model.ts';
import { formatCidr, formatIpv4 } from '../wire/ipv4-address.ts';

type Seed =
  | NewObject<Node>
  | NewObject<HostSubnet>
  | NewObject<NetNamespace>
  | NewObject<Namespace>
  | NewObject<Pod>;

/** Kubernetes of the profile's day. */
const KUBELET_VERSIONS: Readonly<Record<ProfileName, string>> = {
  'v4.3': 'v1.17.1',
  head: 'v1.29.8',
};
const SDN_NAMESPACE = 'openshift-sdn';
/** How old the cluster is at time zero: the article's `oc get nodes` says 23h. */
const CLUSTER_AGE_SECONDS = 23 * 3600;

export function clusterObjects(
  spec: ClusterSpec,
  controlPlane: ControlPlane,
  profile: ProfileName,
): Seed[] {
  const created = controlPlane.clock.timestamp(-CLUSTER_AGE_SECONDS * 1e9);
  const namespaces = new Set([SDN_NAMESPACE, ...spec.namespaces.map(({ name }) => name)]);
  return [
    ...spec.nodes.map((node) => nodeObject(node, KUBELET_VERSIONS[profile], created)),
    ...spec.nodes.map((node) => hostSubnet(node, created)),
    ...[...namespaces].map((name) => namespaceObject(name, created)),
    ...spec.namespaces.map((each) => netNamespace(each, created)),
    ...sdnPods(spec, controlPlane, created),
    ...spec.pods.map((pod) => podObject(pod, spec, created)),
  ];
}

/** Nothing here uses any of it. */
const CAPACITY: Readonly<Record<string, string>> = { cpu: '4', memory: '16Gi', pods: '250' };

function nodeObject(
  { name, role, address }: NodeSpec,
  kubeletVersion: string,
  created: string,
): NewObject<Node> {
  const transition = { lastHeartbeatTime: created, lastTransitionTime: created };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      creationTimestamp: created,
      labels: { 'kubernetes.io/hostname': name, [`node-role.kubernetes.io/${role}`]: '' },
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

function hostSubnet(node: NodeSpec, created: string): NewObject<HostSubnet> {
  const { name, address, subnet, egressCidrs, egressIps } = node;
  return {
    apiVersion: 'network.openshift.io/v1',
    kind: 'HostSubnet',
    metadata: { name, creationTimestamp: created },
    host: name,
    hostIP: formatIpv4(address.address),
    subnet: formatCidr(subnet),
    ...(egressIps.length === 0 ? {} : { egressIPs: egressIps }),
    ...(egressCidrs.length === 0 ? {} : { egressCIDRs: egressCidrs }),
  };
}

function namespaceObject(name: string, created: string): NewObject<Namespace> {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, creationTimestamp: created },
    status: { phase: 'Active' },
  };
}

function netNamespace(
  { name, netid, egressIps }: NamespaceSpec,
  created: string,
): NewObject<NetNamespace> {
  return {
    apiVersion: 'network.openshift.io/v1',
    kind: 'NetNamespace',
    metadata: { name, creationTimestamp: created },
    netname: name,
    netid,
    ...(egressIps.length === 0 ? {} : { egressIPs: egressIps }),
  };
}

/** The pods whose logs people read: one sdn per node, and the controller. */
function sdnPods(spec: ClusterSpec, controlPlane: ControlPlane, created: string): NewObject<Pod>[] {
  const pods: NewObject<Pod>[] = [];
  for (const { name, address } of spec.nodes) {
    const agent = controlPlane.agent(name);
    if (agent === null) continue;
    const hostIP = formatIpv4(address.address);
    const place = { nodeName: name, hostNetwork: true, podIP: hostIP, hostIP };
    pods.push(runningPod(agent.pod, SDN_NAMESPACE, 'sdn', place, created));
  }
  const { controller } = controlPlane;
  const home = spec.nodes.find(({ name }) => name === spec.controller) ?? spec.nodes[0];
  if (controller !== null && home !== undefined) {
    const hostIP = formatIpv4(home.address.address);
    const place = { nodeName: home.name, hostNetwork: true, podIP: hostIP, hostIP };
    pods.push(runningPod(controller.pod, SDN_NAMESPACE, 'sdn-controller', place, created));
  }
  return pods;
}

function podObject(
  { name, namespace, node, address }: PodSpec,
  spec: ClusterSpec,
  created: string,
): NewObject<Pod> {
  const host = spec.nodes.find((each) => each.name === node);
  const hostIP = host === undefined ? '' : formatIpv4(host.address.address);
  const place = { nodeName: node, hostNetwork: false, podIP: formatIpv4(address.address), hostIP };
  return runningPod(name, namespace, name, place, created);
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
  { nodeName, hostNetwork, podIP, hostIP }: Place,
  created: string,
): NewObject<Pod> {
  const conditions: Pod['status']['conditions'] = [
    { type: 'Ready', status: 'True', lastTransitionTime: created },
  ];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, creationTimestamp: created },
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
