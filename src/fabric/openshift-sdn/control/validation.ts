// What the watch handlers check about a HostSubnet (pkg/network/common/validation.go). Unlike the API
// server's patterns this asks for canonical CIDRs; one error and the whole object is ignored.

import {
  formatCidr,
  formatIpv4,
  type Ipv4Cidr,
  networkOf,
  parseCidr,
  parseIpv4,
} from '../../../wire/ipv4-address.ts';
import type { HostSubnet } from '../kinds/host-subnet.ts';

/** With it the subnet may still be empty: the controller will assign one. */
const ASSIGN_SUBNET_ANNOTATION = 'pod.network.openshift.io/assign-subnet';

const INVALID_IP = 'invalid IP address';

/** What is wrong with a HostSubnet in the words of the original, or null. */
export function hostSubnetError(hostSubnet: HostSubnet): string | null {
  const { metadata, host, hostIP, subnet, egressIPs = [], egressCIDRs = [] } = hostSubnet;
  const errors: string[] = [];
  const report = (field: string, value: string, problem: string | null): void => {
    if (problem !== null)
      errors.push(`${field}: Invalid value: ${JSON.stringify(value)}: ${problem}`);
  };
  if (host !== metadata.name) {
    report('host', host, `must be the same as metadata.name: ${JSON.stringify(metadata.name)}`);
  }
  if ((subnet ?? '') !== '') report('subnet', subnet, cidrProblem(subnet));
  else if (!isAwaitingSubnet(hostSubnet)) report('subnet', '', 'field cannot be empty');
  report('hostIP', hostIP, parseIpv4(hostIP) === null ? INVALID_IP : null);
  egressIPs.forEach((ip, at) => {
    report(`egressIPs[${at}]`, ip, addressProblem(ip));
  });
  egressCIDRs.forEach((cidr, at) => {
    report(`egressCIDRs[${at}]`, cidr, cidrProblem(cidr));
  });
  // A Kubernetes aggregate: equal errors once, several in brackets.
  const distinct = [...new Set(errors)];
  return distinct.length > 1 ? `[${distinct.join(', ')}]` : (distinct[0] ?? null);
}

/** True while the controller has yet to give the node a subnet. */
export function isAwaitingSubnet(hostSubnet: HostSubnet): boolean {
  const annotations = hostSubnet.metadata.annotations ?? {};
  return (hostSubnet.subnet ?? '') === '' && Object.hasOwn(annotations, ASSIGN_SUBNET_ANNOTATION);
}

function addressProblem(text: string): string | null {
  if (parseIpv4(text) !== null) return null;
  return isIpv6(text) ? 'must be an IPv4 address' : INVALID_IP;
}

function cidrProblem(text: string): string | null {
  const cidr = parseCidr(text);
  if (cidr !== null) {
    if (networkOf(cidr) === cidr.address) return null;
    const network = formatCidr(withoutHostBits(cidr));
    const host = `${formatIpv4(cidr.address)}/32`;
    return `CIDR network specification "${text}" is not in canonical form (should be ${network} or ${host}?)`;
  }
  const [address = '', length = ''] = text.split('/');
  const isNetwork = isIpv6(address) && /^\d{1,3}$/.test(length) && Number(length) <= 128;
  return isNetwork ? 'must be an IPv4 network' : `invalid CIDR address: ${text}`;
}

/** 192.168.50.120/24 → 192.168.50.0/24. */
export function withoutHostBits(cidr: Ipv4Cidr): Ipv4Cidr {
  return { address: networkOf(cidr), prefixLength: cidr.prefixLength };
}

/** RFC 4291 2.2, forms 1 and 2; good enough to tell IPv6 from nonsense. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}
