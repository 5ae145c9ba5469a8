// A HostSubnet as trackers use it: parsed and validated once, however many trackers watch it. Objects
// are immutable, so the object itself is the key; a view lives as long as its object.

import {
  formatIpv4,
  type Ipv4Cidr,
  ipv4Address,
  networkOf,
  parseCidr,
} from '../../../wire/ipv4-address.ts';
import type { HostSubnet } from '../kinds/host-subnet.ts';
import { hostSubnetError, isAwaitingSubnet, withoutHostBits } from './validation.ts';

/** One HostSubnet, read. */
export interface HostSubnetView {
  readonly uid: string;
  readonly name: string;
  readonly host: string;
  readonly hostIp: string;
  readonly subnet: string;
  /** The node's tun0: the first address of its pod subnet; '' when the subnet cannot be read. */
  readonly sdnIp: string;
  /** Without duplicates, in the order of the list. */
  readonly egressIps: ReadonlySet<string>;
  readonly egressCidrs: ReadonlySet<string>;
  /** What can be parsed of them, host bits cut off. */
  readonly cidrs: readonly Ipv4Cidr[];
  /** True when it neither hosts egress IPs nor offers ranges: nearly all of a big cluster. */
  readonly idle: boolean;
  /** Why a validating watch handler ignores it, or null. */
  readonly error: string | null;
  /** It has no subnet yet, and says so. */
  readonly awaitsSubnet: boolean;
}

const views = new WeakMap<HostSubnet, HostSubnetView>();

/** The view of an object; the same for the same object. */
export function viewHostSubnet(object: HostSubnet): HostSubnetView {
  let view = views.get(object);
  if (view === undefined) {
    view = readHostSubnet(object);
    views.set(object, view);
  }
  return view;
}

const selections = new WeakMap<readonly HostSubnet[], readonly HostSubnetView[]>();

/** The views of a list that are not idle, or are invalid: what a tracker has to look at when it starts. */
export function viewsOfInterest(list: readonly HostSubnet[]): readonly HostSubnetView[] {
  let selection = selections.get(list);
  if (selection === undefined) {
    selection = list.map(viewHostSubnet).filter((view) => !view.idle || view.error !== null);
    selections.set(list, selection);
  }
  return selection;
}

function readHostSubnet(object: HostSubnet): HostSubnetView {
  const { egressIPs = [], egressCIDRs = [], subnet = '' } = object;
  const podSubnet = parseCidr(subnet);
  return {
    uid: object.metadata.uid,
    name: object.metadata.name,
    host: object.host,
    hostIp: object.hostIP,
    subnet,
    sdnIp: podSubnet === null ? '' : formatIpv4(ipv4Address(networkOf(podSubnet) | 1)),
    egressIps: new Set(egressIPs),
    egressCidrs: new Set(egressCIDRs),
    cidrs: [...new Set(egressCIDRs)].flatMap((text) => {
      const cidr = parseCidr(text);
      return cidr === null ? [] : [withoutHostBits(cidr)];
    }),
    idle: egressIPs.length === 0 && egressCIDRs.length === 0,
    error: hostSubnetError(object),
    awaitsSubnet: isAwaitingSubnet(object),
  };
}
