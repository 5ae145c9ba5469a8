// Why a pod leaves as an address by a node: NetNamespace, HostSubnet, the flow in br0, the SNAT rule. Read
// from the API and from the nodes as they are.

import type { ObjectStore } from '../../kube/server/store.ts';
import type { SnatRule } from '../../nat/snat/rule.ts';
import { formatIpv4, parseIpv4 } from '../../wire/ipv4-address.ts';
import type { EgressReasons, Reason } from '../reason.ts';
import type { EgressBucket } from './control/egress-node.ts';
import type { SdnNode } from './datapath/node.ts';
import type { SdnPod } from './datapath/pod.ts';
import { HostSubnets } from './kinds/host-subnet.ts';
import { NetNamespaces } from './kinds/net-namespace.ts';

/** The chain of one pod. */
export function egressReasons(
  store: ObjectStore,
  nodes: ReadonlyMap<string, SdnNode>,
  pod: SdnPod,
): EgressReasons {
  const reasons: Reason[] = [];
  const wanted = store.get(NetNamespaces, pod.namespace)?.egressIPs ?? [];
  const asked = `NetNamespace ${pod.namespace} (VNID ${pod.vnid}) asks for ${wanted.length === 0 ? 'no egress IP' : wanted.join(', ')}`;
  reasons.push({ what: 'object', text: asked, holds: true });
  for (const ip of wanted) reasons.push(holderReason(store, ip));
  const egress = pod.node.bridge.egressOf(pod.vnid);
  const { name } = pod.node;
  switch (egress.kind) {
    case 'normal': {
      const text = `br0 of ${name}: no flow for VNID ${pod.vnid}, to the node itself`;
      reasons.push({ what: 'flow', text, holds: wanted.length === 0 });
      const own = formatIpv4(pod.node.address.address);
      reasons.push({ what: 'SNAT rule', text: `${name}: masquerade`, holds: true });
      return { verdict: `leaves as ${own} by ${name}`, reasons };
    }
    case 'dropped': {
      const text = `br0 of ${name}: VNID ${pod.vnid} is dropped, none of its egress IPs is usable`;
      reasons.push({ what: 'flow', text, holds: false });
      return { verdict: `is dropped on ${name}`, reasons };
    }
    case 'via': {
      const ways = egress.buckets.map((bucket) => wayOf(nodes, pod, bucket, wanted, reasons));
      return { verdict: ways.join(', or '), reasons };
    }
  }
}

function holderReason(store: ObjectStore, ip: string): Reason {
  const holders = store
    .list(HostSubnets)
    .items.filter(({ egressIPs = [] }) => egressIPs.includes(ip))
    .map(({ host }) => host);
  const text =
    holders.length === 0
      ? `no HostSubnet has ${ip}`
      : `HostSubnet ${holders.join(' and ')} has ${ip}`;
  return { what: 'status', text, holds: holders.length === 1 };
}

function wayOf(
  nodes: ReadonlyMap<string, SdnNode>,
  pod: SdnPod,
  bucket: EgressBucket,
  wanted: readonly string[],
  reasons: Reason[],
): string {
  const { name } = pod.node;
  const node =
    bucket.kind === 'local'
      ? pod.node
      : [...nodes.values()].find(({ address }) => address.address === bucket.hostIp);
  const where =
    bucket.kind === 'local'
      ? `marked 0x${bucket.mark.toString(16)}, to the node itself`
      : `over VXLAN to ${formatIpv4(bucket.hostIp)}`;
  reasons.push({ what: 'flow', text: `br0 of ${name}: VNID ${pod.vnid} ${where}`, holds: true });
  if (node === undefined) {
    reasons.push({ what: 'next hop', text: 'no node has that address', holds: false });
    return 'is lost in the overlay';
  }
  if (node !== pod.node) reasons.push({ what: 'next hop', text: node.name, holds: true });
  const rule = snatRuleOf(node, wanted);
  if (rule === null) {
    const text = `${node.name} has no rule for ${wanted.join(', ')}`;
    reasons.push({ what: 'SNAT rule', text, holds: false });
    return node.stack.powered
      ? `leaves as ${formatIpv4(node.address.address)} by ${node.name}`
      : `is lost: ${node.name} has no power`;
  }
  reasons.push({ what: 'SNAT rule', text: `${node.name}: ${rule.text}`, holds: true });
  return node.stack.powered
    ? `leaves as ${rule.address} by ${node.name}`
    : `is lost: ${node.name} has no power`;
}

/** The rule of one of the addresses on a node. */
function snatRuleOf(
  { netfilter }: SdnNode,
  wanted: readonly string[],
): { readonly text: string; readonly address: string } | null {
  for (const ip of wanted) {
    const address = parseIpv4(ip);
    const rule = netfilter.snat.rules.entries.find((each) => translatesTo(each, address));
    if (rule !== undefined) {
      const mark = rule.match.mark === undefined ? '' : `mark 0x${rule.match.mark.toString(16)} `;
      return { text: `${mark}to ${ip}`, address: ip };
    }
  }
  return null;
}

function translatesTo({ target }: SnatRule, address: number | null): boolean {
  return target.kind === 'snat' && target.addresses.some(({ low }) => low === address);
}
