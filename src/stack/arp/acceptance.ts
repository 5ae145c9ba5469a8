// What a host makes of the sender of an ARP frame: one pure function, the whole of the measured table
// (fixtures 01a, 02, 03a). It follows the last part of arp_process and arp_is_garp, net/ipv4/arp.c.
// The frame is known to be well formed; requests from 0.0.0.0 (probes) never come here.

import { millis, type Nanos } from '../../sim/time.ts';
import type { Interface } from '../device/interface.ts';
import type { NeighborProfile } from '../neighbor/profile.ts';

/** What to do with the neighbor entry of the sender: bits. 0 = nothing. */
export const Acceptance = {
  Nothing: 0,
  /** Tell the entry the MAC; without Override another MAC than the known one is not believed. */
  Update: 1,
  /** Make the entry if there is none. */
  Create: 2,
  Override: 4,
  /** The sender is proven to be there: REACHABLE. Otherwise STALE. */
  Reachable: 8,
  /** The announcement as such is refused: a drop with a name. */
  Refused: 16,
} as const;

/** One ARP frame in the eyes of one host. The receiver reuses one object for all frames. */
export interface HeardArp {
  /** Request, or else reply. */
  isRequest: boolean;
  /** Sender address = target address. */
  isSelfAddressed: boolean;
  /** The target MAC of the payload is the sender's: the mark of an announcing reply. */
  targetsOwnMac: boolean;
  /** The frame came to our MAC, not to a group. */
  isUnicast: boolean;
  /** The target address is ours. */
  targetsUs: boolean;
  /** It is a request that we answer, or would answer for another (proxy). */
  isAnswered: boolean;
  /** The sender's address is a plain unicast one: not ours, no broadcast, no group. */
  isFromUnicast: boolean;
  /** The sender's address lies in a subnet of the interface. */
  isFromSubnet: boolean;
  /** There is an entry for the sender. */
  isKnown: boolean;
  /** Since its last change. */
  age: Nanos;
}

/** The sysctls that count, read from the interface at use. */
export interface AcceptanceRules {
  readonly arp_accept: number;
  readonly drop_gratuitous_arp: number;
}

/** Bits of `Acceptance`. `locktime` in nanoseconds. */
export function judge(
  heard: HeardArp,
  profile: NeighborProfile,
  rules: AcceptanceRules,
  locktime: Nanos,
): number {
  if (
    heard.isSelfAddressed &&
    (rules.drop_gratuitous_arp > 0 || profile.gratuitous === 'ignored')
  ) {
    return Acceptance.Refused;
  }
  // neigh_event_ns: who asks us is about to talk to us. Believed at once, locktime or not.
  if (heard.isAnswered) return Acceptance.Update | Acceptance.Create | Acceptance.Override;
  const proof = !heard.isRequest && heard.isUnicast ? Acceptance.Reachable : 0;
  if (profile.merging === 'rfc826') return mergeRfc826(heard, proof);
  const accept = profile.createsUnasked ?? rules.arp_accept;
  const accepting = accept === 1 || (accept === 2 && heard.isFromSubnet);
  if (!heard.isKnown) {
    const creates = accepting && isWorthAnEntry(heard);
    return creates ? Acceptance.Update | Acceptance.Create | proof : Acceptance.Nothing;
  }
  const exempt =
    isGratuitous(heard) && (profile.gratuitous === 'override' || (accepting && heard.isRequest));
  const override = exempt || !isLocked(heard.age, locktime);
  return Acceptance.Update | (override ? Acceptance.Override : 0) | proof;
}

/** `locktime` counts in USER_HZ. */
const USER_HZ: Nanos = millis(10);

/** How long an entry of an interface is safe from mere claims after it has changed. */
export function locktimeOf({ neigh }: Interface): Nanos {
  return neigh.locktime * USER_HZ;
}

/** arp_process: an entry that changed within the locktime keeps its MAC against mere claims. */
export function isLocked(age: Nanos, locktime: Nanos): boolean {
  return age <= locktime;
}

/** arp_is_garp: a reply announces only if its target MAC is the sender's. */
export function isGratuitous(heard: HeardArp): boolean {
  return heard.isSelfAddressed && heard.isFromUnicast && (heard.isRequest || heard.targetsOwnMac);
}

/** What arp_accept admits: announcements, and unsolicited replies; requests for others are not. */
function isWorthAnEntry(heard: HeardArp): boolean {
  return isGratuitous(heard) || (!heard.isRequest && heard.isFromUnicast);
}

/** RFC 826 "Packet Reception": update what is in the table; add the sender if the target is me. */
function mergeRfc826(heard: HeardArp, proof: number): number {
  if (heard.isKnown) return Acceptance.Update | Acceptance.Override | proof;
  if (!heard.targetsUs || !heard.isFromUnicast) return Acceptance.Nothing;
  return Acceptance.Update | Acceptance.Create | proof;
}
