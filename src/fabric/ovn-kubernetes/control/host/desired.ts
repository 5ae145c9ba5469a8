// What egress IPs of secondary host networks want of one node: addresses, rules, routes and translations
// (node/controllers/egressip/egressip.go). While no pod matches, nothing at all is wanted.

import {
  EGRESS_RULE_PRIORITY,
  EGRESS_TABLE_BASE,
  type HostLink,
  type HostRoute,
  type HostRule,
  type HostSnat,
} from '../../host-network.ts';
import {
  canonicalIp,
  formatIp,
  formatNetwork,
  type IpAddress,
  type IpNetwork,
  isGlobalUnicast,
  networkContains,
  parseIp,
  parseIpNetwork,
  widthOf,
} from '../../ip-text.ts';
import type { EgressIp } from '../../kinds/egress-ip.ts';
import { familyOf } from '../../northbound.ts';
import type { PodView } from '../view/pod-view.ts';

/** An address on a link: `10.10.10.20/32`. */
export interface LinkAddress {
  readonly link: string;
  readonly address: string;
}

/** A table and what is in it. */
export interface HostTable {
  readonly table: number;
  readonly link: string;
  readonly routes: readonly HostRoute[];
}

/** What a node is to have. */
export interface HostConfig {
  readonly addresses: readonly LinkAddress[];
  readonly rules: readonly HostRule[];
  readonly snats: readonly HostSnat[];
  readonly tables: readonly HostTable[];
}

/** What a node knows when it decides what it needs. */
export interface HostView {
  readonly node: string;
  readonly primary: readonly IpNetwork[];
  readonly links: readonly HostLink[];
  /** At least those with an item on this node. */
  readonly egressIps: readonly EgressIp[];
  /** The eligible pods that an object selects. */
  readonly podsOf: (object: EgressIp) => readonly PodView[];
}

/** Everything that the node's items on secondary networks want. */
export function desiredConfig(view: HostView): HostConfig {
  const addresses = new Map<string, LinkAddress>();
  const rules = new Map<string, HostRule>();
  const snats: HostSnat[] = [];
  const tables = new Map<number, HostTable>();
  const own = ownAddresses(view);
  for (const { egressIp, link, object } of secondaryItems(view, own)) {
    const family = familyOf(egressIp);
    const podIps = view
      .podsOf(object)
      .flatMap(({ ips }) => ips.filter((ip) => familyOf(ip) === family));
    if (podIps.length === 0) continue;
    const table = EGRESS_TABLE_BASE + link.index;
    const address = hostCidr(egressIp);
    addresses.set(`${link.name} ${address}`, { link: link.name, address });
    tables.set(table, { table, link: link.name, routes: routesOf(link, family) });
    for (const from of podIps) {
      rules.set(`${from} ${table}`, { priority: EGRESS_RULE_PRIORITY, from, fwmark: null, table });
      snats.push({ podIp: from, link: link.name, egressIp });
    }
  }
  return {
    addresses: [...addresses.values()],
    rules: [...rules.values()],
    snats,
    tables: [...tables.values()],
  };
}

/** The link that carries an IP: up, with the longest matching prefix of its own addresses; null for none. */
export function linkFor(
  links: readonly HostLink[],
  ip: IpAddress,
  own: ReadonlySet<string> = new Set(),
): HostLink | null {
  let best: HostLink | null = null;
  let longest = -1;
  for (const link of links) {
    if (!link.up) continue;
    for (const text of link.addresses) {
      const network = parseIpNetwork(text);
      if (network === null || !isCandidate(network, own)) continue;
      if (!networkContains(network, ip) || network.prefixLength <= longest) continue;
      best = link;
      longest = network.prefixLength;
    }
  }
  return best;
}

/** True when a link carries one of the assigned egress IPs; false also for a link that is missing. */
export function isEgressIpOnLink(
  links: readonly HostLink[],
  name: string,
  assigned: ReadonlySet<string>,
): boolean {
  const link = links.find((each) => each.name === name);
  return (link?.addresses ?? []).some((text) => {
    const address = parseIpNetwork(text);
    return address !== null && assigned.has(formatIp(address));
  });
}

/** '10.10.10.20' → '10.10.10.20/32', IPv6 /128. */
export function hostCidr(ip: string): string {
  return `${ip}/${familyOf(ip) === 'ip4' ? 32 : 128}`;
}

interface SecondaryItem {
  readonly object: EgressIp;
  readonly egressIp: string;
  readonly link: HostLink;
}

function secondaryItems(
  { egressIps, links, node, primary }: HostView,
  own: ReadonlySet<string>,
): readonly SecondaryItem[] {
  return egressIps.flatMap((object) =>
    (object.status?.items ?? []).flatMap((item): SecondaryItem[] => {
      const ip = parseIp(item.egressIP);
      if (item.node !== node || ip === null) return [];
      if (primary.some((network) => networkContains(network, ip))) return [];
      const link = linkFor(links, ip, own);
      return link === null ? [] : [{ object, egressIp: formatIp(ip), link }];
    }),
  );
}

/** Egress IPs of this node: they are no addresses of a network. */
function ownAddresses({ egressIps, node }: HostView): ReadonlySet<string> {
  const all = egressIps.flatMap(({ status }) => status?.items ?? []);
  return new Set(
    all.flatMap((item) => (item.node === node ? (canonicalIp(item.egressIP) ?? []) : [])),
  );
}

function isCandidate(network: IpNetwork, own: ReadonlySet<string>): boolean {
  return (
    network.prefixLength < widthOf(network) &&
    isGlobalUnicast(network) &&
    !own.has(formatIp(network))
  );
}

/** The routes of a link, and a default route by the link when it has none. */
function routesOf({ routes }: HostLink, family: 'ip4' | 'ip6'): readonly HostRoute[] {
  const own = routes.filter(({ destination, gateway }) =>
    destination === 'default'
      ? gateway === null || familyOf(gateway) === family
      : familyOf(destination) === family,
  );
  const hasDefault = own.some(({ destination }) => destination === 'default');
  return hasDefault ? own : [{ destination: 'default', gateway: null }, ...own];
}

/** The networks on a link, as the kernel makes routes of its addresses; IPv6 links have fe80::/64 too. */
export function connectedRoutes(addresses: readonly string[]): readonly HostRoute[] {
  const networks = addresses.flatMap((text) => {
    const network = parseIpNetwork(text);
    return network === null || network.prefixLength === widthOf(network) ? [] : [network];
  });
  const hasV6 = networks.some(({ family }) => family === 'ip6');
  return [...networks.map(formatNetwork), ...(hasV6 ? ['fe80::/64'] : [])].map((destination) => ({
    destination,
    gateway: null,
  }));
}
