// The states in which conntrack sees a TCP connection, and how segments move them: the facts of the
// table in net/netfilter/nf_conntrack_proto_tcp.c (6.x). Conntrack stands in the middle: it guesses
// what the sender's state is, and does not know whether the other end will get the segment.

import * as tcp from '../../wire/tcp.ts';

/** enum tcp_conntrack. */
export const TrackedState = {
  None: 0,
  SynSent: 1,
  SynReceived: 2,
  Established: 3,
  FinWait: 4,
  CloseWait: 5,
  LastAck: 6,
  TimeWait: 7,
  Close: 8,
  /** A SYN has been seen in both directions: simultaneous open. */
  SynSent2: 9,
} as const;
export type TrackedState = (typeof TrackedState)[keyof typeof TrackedState];

/** What the table says instead of a next state. */
export const Special = {
  /** Neither valid nor invalid for sure: it passes, and an answer may show who was right. */
  Ignore: 10,
  Invalid: 11,
} as const;
export type Special = (typeof Special)[keyof typeof Special];

/** As `conntrack -L` prints them, by state. */
export const TCP_STATE_NAMES: readonly string[] = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
];

/** What kind of segment it is: the strongest of its flags. */
export const SegmentKind = { Syn: 0, SynAck: 1, Fin: 2, Ack: 3, Rst: 4, None: 5 } as const;
export type SegmentKind = (typeof SegmentKind)[keyof typeof SegmentKind];

/** What the table sees in a segment with these flags (get_conntrack_index). */
export function segmentOf(flags: number): SegmentKind {
  if ((flags & tcp.Flag.Rst) !== 0) return SegmentKind.Rst;
  if ((flags & tcp.Flag.Syn) !== 0) {
    return (flags & tcp.Flag.Ack) !== 0 ? SegmentKind.SynAck : SegmentKind.Syn;
  }
  if ((flags & tcp.Flag.Fin) !== 0) return SegmentKind.Fin;
  return (flags & tcp.Flag.Ack) !== 0 ? SegmentKind.Ack : SegmentKind.None;
}

const SS = TrackedState.SynSent;
const SR = TrackedState.SynReceived;
const ES = TrackedState.Established;
const FW = TrackedState.FinWait;
const CW = TrackedState.CloseWait;
const LA = TrackedState.LastAck;
const TW = TrackedState.TimeWait;
const CL = TrackedState.Close;
const S2 = TrackedState.SynSent2;
const IG = Special.Ignore;
const IV = Special.Invalid;

type Row = readonly (TrackedState | Special)[];

const RESET: Row = [IV, CL, CL, CL, CL, CL, CL, CL, CL, CL];
const FLAGLESS: Row = [IV, IV, IV, IV, IV, IV, IV, IV, IV, IV];
const CLOSING: Row = [IV, IV, FW, FW, LA, LA, LA, TW, CL, IV];

/** Rows by `SegmentKind`, columns by `TrackedState`: None SS SR ES FW CW LA TW CL S2. */
// biome-ignore format: a table is read in columns
const ORIGINAL: readonly Row[] = [
  /* Syn    */ [SS, SS, IG, IG, IG, IG, IG, SS, SS, S2], // TimeWait and Close: reopened (RFC 1122)
  /* SynAck */ [IV, IV, SR, IV, IV, IV, IV, IV, IV, SR], // only in a simultaneous open
  /* Fin    */ CLOSING,
  /* Ack    */ [ES, IV, ES, ES, CW, CW, TW, TW, CL, IV], // None: picked up in the middle
  /* Rst    */ RESET,
  /* None   */ FLAGLESS,
];

// biome-ignore format: a table is read in columns
const REPLY: readonly Row[] = [
  /* Syn    */ [IV, S2, IV, IV, IV, IV, IV, SS, IV, S2], // TimeWait: the server changed roles
  /* SynAck */ [IV, SR, IG, IG, IG, IG, IG, IG, IG, SR],
  /* Fin    */ CLOSING,
  /* Ack    */ [IV, IG, SR, ES, CW, CW, TW, TW, CL, IG], // SynSent: perhaps half open
  /* Rst    */ RESET,
  /* None   */ FLAGLESS,
];

/** Where a segment of one direction leads from `state`, before its numbers have been looked at. */
export function nextState(
  isReply: boolean,
  segment: SegmentKind,
  state: TrackedState,
): TrackedState | Special {
  const row = (isReply ? REPLY : ORIGINAL)[segment] as Row;
  return row[state] as TrackedState | Special;
}

/** A state in which the table, when full, may drop even an assured connection (tcp_can_early_drop). */
export function isClosing(state: TrackedState): boolean {
  return state >= TrackedState.FinWait && state <= TrackedState.Close;
}

/** Bit i is set if the five flags FIN, SYN, RST, ACK, URG that make up i may come together. */
const VALID_FLAGS: ReadonlySet<number> = new Set<number>([
  tcp.Flag.Syn,
  tcp.Flag.Syn | tcp.Flag.Urg,
  tcp.Flag.Syn | tcp.Flag.Ack,
  tcp.Flag.Rst,
  tcp.Flag.Rst | tcp.Flag.Ack,
  tcp.Flag.Fin | tcp.Flag.Ack,
  tcp.Flag.Fin | tcp.Flag.Ack | tcp.Flag.Urg,
  tcp.Flag.Ack,
  tcp.Flag.Ack | tcp.Flag.Urg,
]);

const LOOKED_AT = tcp.Flag.Fin | tcp.Flag.Syn | tcp.Flag.Rst | tcp.Flag.Ack | tcp.Flag.Urg;

/** False for combinations that no TCP sends; PSH, ECE and CWR may always be there. */
export function areValidFlags(flags: number): boolean {
  // Most segments are plain ACKs.
  const relevant = flags & LOOKED_AT;
  return relevant === tcp.Flag.Ack || VALID_FLAGS.has(relevant);
}
