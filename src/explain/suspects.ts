// MAC addresses that are not what a second MAC address seems to be at first: two of one machine, and forgers.

import type { Nanos } from '../sim/time.ts';
import { type AddressLog, isHolder } from './address-log.ts';
import type { Domain } from './domain.ts';
import { pairOf } from './holders.ts';

/** Unasked answers about addresses of others; fewer are a mistake. */
const FORGED_ANSWERS = 4;

/** Pairs of MAC addresses that both answered for two addresses or more. */
export function twinsIn(logs: readonly AddressLog[]): Set<string> {
  const counts = new Map<string, number>();
  for (const { claimants } of logs) {
    const macs = [...claimants.values()].filter(({ answers }) => answers > 0).map(({ mac }) => mac);
    if (macs.length > 16) continue;
    for (const [index, a] of macs.entries()) {
      for (const b of macs.slice(index + 1)) {
        counts.set(pairOf(a, b), (counts.get(pairOf(a, b)) ?? 0) + 1);
      }
    }
  }
  return new Set([...counts].filter(([, count]) => count > 1).map(([pair]) => pair));
}

/** What a forger said. */
export interface Forger {
  readonly addresses: Set<number>;
  answers: number;
  from: Nanos;
}

/** MAC addresses that answer unasked for addresses of others. */
export function forgersIn(domains: readonly Domain[]): Map<number, Forger> {
  const found = new Map<number, Forger>();
  for (const { logs } of domains) {
    for (const { address, claimants } of logs.values()) {
      const all = [...claimants.values()];
      for (const each of all) {
        const isForeign = all.some(
          (other) => other !== each && isHolder(other) && other.traffic > 0,
        );
        if (each.unsolicited === 0 || each.traffic + each.questions > 0 || !isForeign) continue;
        const forger = found.get(each.mac) ?? {
          addresses: new Set(),
          answers: 0,
          from: each.first,
        };
        forger.from = Math.min(forger.from, each.first);
        forger.addresses.add(address);
        forger.answers += each.unsolicited;
        found.set(each.mac, forger);
      }
    }
  }
  return new Map([...found].filter(([, { answers }]) => answers >= FORGED_ANSWERS));
}
