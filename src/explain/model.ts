// What `explain` says of captures: plain data for `--json` and for the renderer. Times are nanoseconds after `start`.

import type { Cause } from '../scenario/analysis/causes.ts';
import type { Nanos } from '../sim/time.ts';
import type { FileClock } from './clock.ts';

/** Everything that was found. */
export interface Explanation {
  /** Seconds since 1970 that all times count from: those of the first frame. */
  readonly start: number;
  readonly duration: Nanos;
  readonly files: readonly ExplainedFile[];
  readonly frames: number;
  readonly claims: readonly SeenClaim[];
  readonly conflicts: readonly AddressConflict[];
  readonly moves: readonly MovedAddress[];
  /** Several MAC addresses claim an address, and only one of them has it. */
  readonly contested: readonly Contested[];
  readonly announcements: readonly AnnouncementRow[];
  readonly beliefs: readonly BeliefRow[];
  readonly flips: readonly Flip[];
  /** Where hosts send what is for addresses beyond this network. */
  readonly nextHops: readonly BeliefRow[];
  readonly flows: readonly FlowRow[];
  readonly unanswered: readonly UnansweredQuestion[];
  readonly probes: readonly ProbeRow[];
  readonly releases: readonly ProbeRow[];
  readonly scans: readonly Scan[];
  readonly storms: readonly Storm[];
  readonly spoofing: readonly Spoofing[];
  /** Connections that were seen on both sides of address translation. */
  readonly translations: readonly TranslationRow[];
  /** Routers that share an address, and who was master when (VRRP). */
  readonly routerGroups: readonly RouterGroup[];
  /** Names of addresses, from the files and from the user. */
  readonly names: Readonly<Record<string, string>>;
  /** What cannot be known from where the capture was made, one sentence each. */
  readonly unseen: readonly string[];
}

/** One connection on the two sides of address translation. */
export interface TranslationRow {
  readonly at: Nanos;
  readonly frame: number;
  readonly protocol: 'tcp' | 'udp';
  /** As the client sends: '10.244.1.5:41000'. */
  readonly client: string;
  readonly server: string;
  /** As the server sees it. */
  readonly asClient: string;
  readonly asServer: string;
  readonly packets: number;
}

/** Routers that share addresses. */
export interface RouterGroup {
  readonly id: number;
  readonly domain: string;
  readonly addresses: readonly string[];
  readonly masters: readonly {
    readonly by: string;
    readonly mac: string;
    readonly from: Nanos;
    readonly to: Nanos;
    readonly frame: number;
    readonly priority: number;
    /** It gave way by itself. */
    readonly resigned: boolean;
  }[];
  /** Two advertised by turns: neither hears the other. */
  readonly split: boolean;
}

/** A capture that was read. */
export interface ExplainedFile {
  readonly path: string;
  readonly frames: number;
  /** How its clock went against that of the first file, and was put right; null for the first, and where it cannot be told. */
  readonly clock: FileClock | null;
  readonly interfaces: readonly {
    readonly name: string | null;
    readonly linkType: number;
    readonly dropped: number | null;
  }[];
  readonly notices: readonly {
    readonly code: string;
    readonly text: string;
    readonly frame: number;
  }[];
}

/** Who has an address, as far as it shows. */
export interface SeenClaim {
  readonly address: string;
  readonly domain: string;
  readonly mac: string;
  /** elsewhere: sends as it in another network, where nobody answers for it. */
  readonly kind: 'owner' | 'proxy' | 'announced only' | 'forged' | 'elsewhere';
  /** Null: from the beginning. */
  readonly from: Nanos | null;
  /** The last sign of it before another took over; null: until the end. */
  readonly to: Nanos | null;
  readonly frame: number;
  readonly answers: number;
}

/** Two machines have one address at once. */
export interface AddressConflict {
  readonly address: string;
  readonly domain: string;
  readonly macs: readonly string[];
  readonly from: Nanos;
  readonly to: Nanos | null;
  readonly kind: 'owners' | 'proxy against owner';
  /** Why it is one. */
  readonly evidence: string;
  readonly frames: readonly number[];
}

/** An address went from one MAC address to another. */
export interface MovedAddress {
  readonly address: string;
  readonly domain: string;
  readonly from: string;
  readonly to: string;
  /** The last sign of the old, the first of the new. */
  readonly lost: Nanos;
  readonly taken: Nanos;
  readonly frame: number;
  readonly kind: 'handover' | 'same machine' | 'within a conflict';
  readonly announced: boolean;
}

/** Claims without a second owner. */
export interface Contested {
  readonly address: string;
  readonly domain: string;
  readonly macs: readonly string[];
  readonly kind: 'announced only' | 'one machine' | 'forged' | 'still sends';
  readonly from: Nanos;
  readonly to: Nanos;
}

/** One gratuitous packet. */
export interface AnnouncementRow {
  readonly at: Nanos;
  readonly frame: number;
  readonly address: string;
  readonly domain: string;
  readonly mac: string;
  /** 'request, tha=ff:ff:ff:ff:ff:ff', 'reply, tha=sender'. */
  readonly form: string;
  /** '2 of 3, 1 s apart'. */
  readonly series: string;
}

/** Whom a host believes about an address, by where it sends. */
export interface BeliefRow {
  readonly observer: { readonly mac: string; readonly addresses: readonly string[] };
  readonly address: string;
  readonly domain: string;
  readonly spans: readonly {
    readonly mac: string;
    readonly from: Nanos;
    readonly to: Nanos;
    readonly frame: number;
  }[];
}

/** A host went over from one MAC address to another. */
export interface Flip {
  /** When it was told, if that was heard; else its first frame to the new one. */
  readonly at: Nanos;
  /** Its first frame to the new one. */
  readonly proven: Nanos;
  readonly frame: number;
  readonly observer: string;
  readonly address: string;
  readonly domain: string;
  readonly from: string;
  readonly to: string;
  readonly by: 'announcement' | 'answer' | 'question' | null;
}

/** How a flow fared. */
export interface FlowRow {
  readonly client: string;
  readonly server: string;
  readonly protocol: 'icmp' | 'tcp' | 'udp';
  readonly port: number | null;
  readonly domain: string;
  readonly sent: number;
  readonly answered: number;
  readonly retransmissions: number;
  readonly outages: readonly OutageRow[];
}

/** A stretch in which a flow was not answered. */
export interface OutageRow {
  readonly from: Nanos;
  readonly to: Nanos | null;
  readonly frame: number;
  readonly lost: number;
  readonly cause: Cause;
  readonly text: string;
}

/** A question that nobody answered. */
export interface UnansweredQuestion {
  readonly at: Nanos;
  readonly frame: number;
  readonly asker: string;
  readonly address: string;
  readonly domain: string;
  readonly tries: number;
}

/** A question before an address is used (RFC 5227), or a sender without a MAC address. */
export interface ProbeRow {
  readonly at: Nanos;
  readonly frame: number;
  readonly address: string;
  readonly mac: string;
  /** Somebody who has the address answered or announced it within a second. */
  readonly defendedBy: string | null;
}

/** One host asks for many addresses. */
export interface Scan {
  readonly by: string;
  readonly from: Nanos;
  readonly to: Nanos;
  readonly addresses: number;
  readonly answered: number;
}

/** Equal frames again and again, or more questions than anybody needs. */
export interface Storm {
  readonly kind: 'loop' | 'requests';
  readonly by: string;
  readonly at: Nanos;
  readonly frame: number;
  readonly copies: number;
}

/** One MAC address tells others that it has addresses of third parties. */
export interface Spoofing {
  readonly by: string;
  readonly addresses: readonly string[];
  readonly answers: number;
  readonly from: Nanos;
}
