// What the analysis says: plain data for `--json` and for cli/render/analysis.ts. Times are lab time in
// nanoseconds; a span that was still open when the run ended has `to: null`.

import type { Nanos } from '../../sim/time.ts';
import type { Cause } from './causes.ts';

/** The conflict analysis of one run. */
export interface Analysis {
  /** Egress IPs and addresses that more than one machine held, in the order in which they became news. */
  readonly addresses: readonly AddressAnalysis[];
  /** Addresses beyond the bound of this report. */
  readonly omitted: number;
  /** Every flow that was once not answered, in the order of the topology. */
  readonly flows: readonly FlowAnalysis[];
}

/** One contested address: who held it, announced it and believed whom. */
export interface AddressAnalysis {
  readonly address: string;
  /** Who answered for the address, powered, by time. */
  readonly holdings: readonly Holding[];
  readonly announcements: readonly Announcement[];
  /** What each machine that had an entry believed; observers by name. */
  readonly beliefs: readonly Belief[];
  /** When two or more machines that could be heard held it. */
  readonly duplicates: readonly DuplicateWindow[];
  /** Each time the address went from one machine to another. */
  readonly moves: readonly Move[];
  /** When flows were not answered because of this address, and why; merged over all flows. */
  readonly blackHoles: readonly BlackHole[];
}

/** A stretch of lab time. */
export interface Span {
  readonly from: Nanos;
  readonly to: Nanos | null;
}

/** One machine holding an address for a while. */
export interface Holding extends Span {
  readonly machine: string;
  /** Of the machine, or the port of a logical router on it. */
  readonly interface: string;
  readonly mac: string | null;
  /** configured: from the start; claimed: by an agent of its cluster network; added: by hand. */
  readonly how: 'configured' | 'claimed' | 'added';
  /** released: by that agent; removed: by anything else; power-off; null: it never ended. */
  readonly end: 'released' | 'removed' | 'power-off' | null;
  /** Kept after another node had claimed the address, and the ARP answers that were heard from it since. */
  readonly overstayed: { readonly from: Nanos; readonly answers: number } | null;
}

/** One gratuitous ARP, and what became of it. */
export interface Announcement {
  readonly at: Nanos;
  /** Null when no machine has the MAC. */
  readonly machine: string | null;
  readonly mac: string | null;
  readonly form: 'reply' | 'request';
  /** Machines with an entry for the address that heard it. */
  readonly heardBy: readonly string[];
  /** Those whose entry kept another MAC, and why. */
  readonly ignoredBy: readonly Refusal[];
}

/** Why a machine does not believe what it hears about a neighbor that it knows. */
export interface Reserve {
  /**
   * locktime: the entry is too young to be changed by a mere claim; policy: it believes no announcements;
   * permanent: the entry is the administrator's.
   */
  readonly why: 'locktime' | 'policy' | 'permanent';
  /** How much of the locktime is left; null for the other two. */
  readonly left: Nanos | null;
  /** The rule by its name, 'drop_gratuitous_arp is 1'; null where the reason says it all. */
  readonly rule: string | null;
}

/** A machine that heard an announcement and kept what it believed. */
export interface Refusal extends Reserve {
  readonly machine: string;
}

/** What one machine believed about an address over time. */
export interface Belief {
  readonly observer: string;
  readonly interface: string;
  readonly spans: readonly BelievedMac[];
}

/** One MAC address, believed for a while. */
export interface BelievedMac extends Span {
  readonly mac: string;
  /** The machine that has the MAC; null when none does. */
  readonly machine: string | null;
  /** By what it came: 'gratuitous', 'request', 'reply' and the other causes of neighbor events. */
  readonly cause: string;
  /** The administrator made the entry: nothing that is heard changes it. */
  readonly permanent: boolean;
}

/** A stretch in which several machines held one address. */
export interface DuplicateWindow extends Span {
  readonly machines: readonly string[];
  readonly macs: readonly string[];
  /** handover: over within a second, as when two nodes hear of one change; else conflict. */
  readonly kind: 'handover' | 'conflict';
  /** ARP answers heard meanwhile, by machine in the order of `machines`. */
  readonly answers: readonly number[];
  /** How often an observer changed over from one of them to another. */
  readonly flips: number;
}

/** An address that went from one machine to another. */
export interface Move {
  readonly from: string;
  readonly to: string;
  /** When the old holder was gone or fell silent; null when it still held the address. */
  readonly lost: Nanos | null;
  readonly taken: Nanos;
  /** No conflict: the old holder was gone, or went within a second. */
  readonly clean: boolean;
}

/** A stretch in which packets to an address led nowhere. */
export interface BlackHole extends Span {
  readonly cause: Cause;
  /** One sentence, without a period. */
  readonly text: string;
  readonly flows: readonly string[];
}

/** The longest outage of one flow, explained. */
export interface FlowAnalysis {
  readonly flow: string;
  readonly longestOutage: Nanos;
  readonly from: Nanos;
  /** Null: it was not answered any more. */
  readonly to: Nanos | null;
  /** What stood in the way, in order, without gaps. */
  readonly stages: readonly Stage[];
  /** How it ended, one sentence without a period. */
  readonly ended: string;
}

/** One part of an outage, with its cause. */
export interface Stage {
  readonly from: Nanos;
  readonly to: Nanos;
  readonly cause: Cause;
  readonly text: string;
  /** The contested address in question; null when none is. */
  readonly address: string | null;
}
