// Whom each host believes about an address: the MAC address that it sends to. What goes through a router is a route.

import { isOnLink } from './address-log.ts';
import { formatNumber } from './arp-watch.ts';
import type { Domain } from './domain.ts';
import type { BeliefRow, Flip } from './model.ts';

/** Addresses that a MAC address uses as its own. */
function addressesOf(domain: Domain, mac: number): number[] {
  const own: number[] = [];
  for (const { address, claimants } of domain.logs.values()) {
    const claimant = claimants.get(mac);
    if (claimant !== undefined && claimant.questions + claimant.traffic > 0) own.push(address);
    if (own.length >= 8) break;
  }
  return own;
}

/** Somebody resolved it here. */
function isResolved(domain: Domain, address: number): boolean {
  const log = domain.logs.get(address);
  return log !== undefined && isOnLink(log);
}

/** What each host of the domain believed, and of addresses beyond it, the next hop. */
export function beliefsOf(
  domain: Domain,
  format: (address: number) => string,
): { row: BeliefRow; isOnLink: boolean }[] {
  return [...domain.beliefs.values()].map(({ address, observer, spans }) => ({
    isOnLink: isResolved(domain, address),
    row: {
      observer: {
        mac: formatNumber(observer),
        addresses: addressesOf(domain, observer).map(format),
      },
      address: format(address),
      domain: domain.name,
      spans: spans.map(({ frame, from, mac, to }) => ({ mac: formatNumber(mac), from, to, frame })),
    },
  }));
}

/** Each time that a host went over to another MAC address. */
export function flipsOf(
  domain: Domain,
  format: (address: number) => string,
  routers: ReadonlySet<number>,
): Flip[] {
  const flips: Flip[] = [];
  for (const { address, observer, spans: all } of domain.beliefs.values()) {
    // What goes through a router that never claimed the address is a route, and no belief about it.
    const claimants = domain.logs.get(address)?.claimants;
    const spans = all.filter(({ mac }) => claimants?.has(mac) === true || !routers.has(mac));
    if (spans.length < 2 || !isResolved(domain, address)) continue;
    const log = domain.logs.get(address);
    const [own] = addressesOf(domain, observer);
    for (const [index, span] of spans.entries()) {
      const before = spans[index - 1];
      if (before === undefined || before.mac === span.mac) continue;
      const told = log?.claimants
        .get(span.mac)
        ?.heard.find(({ at }) => at >= before.to && at <= span.from);
      flips.push({
        at: told?.at ?? span.from,
        proven: span.from,
        frame: span.frame,
        observer: own === undefined ? formatNumber(observer) : format(own),
        address: format(address),
        domain: domain.name,
        from: formatNumber(before.mac),
        to: formatNumber(span.mac),
        by: told?.kind ?? null,
      });
    }
  }
  return flips;
}
