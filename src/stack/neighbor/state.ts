// The states of a neighbor entry, with Linux's bits (include/uapi/linux/neighbour.h, NUD_*) and the
// three sets that neighbour.c decides by. RFC 4861 7.3.2 has the same machine for IPv6.

/** NUD_* of include/uapi/linux/neighbour.h. */
export const NeighborState = {
  /** Created, nothing known yet. */
  None: 0x00,
  /** Asking by broadcast; packets wait. */
  Incomplete: 0x01,
  /** Confirmed less than reachable_time ago. */
  Reachable: 0x02,
  /** A MAC is known but not confirmed; used as it is. */
  Stale: 0x04,
  /** A packet went to a stale neighbor; a confirmation may still come by itself. */
  Delay: 0x08,
  /** No confirmation came: asking by unicast. */
  Probe: 0x10,
  /** Nobody answered. The next packet asks again at once. */
  Failed: 0x20,
  /** Needs no resolution. */
  NoArp: 0x40,
  /** Configured; nothing that is heard changes it. */
  Permanent: 0x80,
} as const;
export type NeighborState = (typeof NeighborState)[keyof typeof NeighborState];

/** NUD_CONNECTED: packets leave without a second thought. */
export const CONNECTED_STATES: number =
  NeighborState.Permanent | NeighborState.NoArp | NeighborState.Reachable;
/** NUD_VALID: a MAC is known. */
export const VALID_STATES: number =
  CONNECTED_STATES | NeighborState.Probe | NeighborState.Stale | NeighborState.Delay;
/** NUD_IN_TIMER: something happens by itself. Such an entry is in use and never collected. */
export const TIMER_STATES: number =
  NeighborState.Incomplete | NeighborState.Reachable | NeighborState.Delay | NeighborState.Probe;

/** As `ip neigh` prints them. */
export const NEIGHBOR_STATE_NAMES = [
  'NONE',
  'INCOMPLETE',
  'REACHABLE',
  'STALE',
  'DELAY',
  'PROBE',
  'FAILED',
  'NOARP',
  'PERMANENT',
] as const;

/** One of them. */
export type NeighborStateName = (typeof NEIGHBOR_STATE_NAMES)[number];

const NAMES: Readonly<Record<NeighborState, NeighborStateName>> = {
  [NeighborState.None]: 'NONE',
  [NeighborState.Incomplete]: 'INCOMPLETE',
  [NeighborState.Reachable]: 'REACHABLE',
  [NeighborState.Stale]: 'STALE',
  [NeighborState.Delay]: 'DELAY',
  [NeighborState.Probe]: 'PROBE',
  [NeighborState.Failed]: 'FAILED',
  [NeighborState.NoArp]: 'NOARP',
  [NeighborState.Permanent]: 'PERMANENT',
};

/** 'REACHABLE', 'STALE' … */
export function neighborStateName(state: NeighborState): NeighborStateName {
  return NAMES[state];
}

/** Why an entry changed. */
export type NeighborCause =
  /** A packet needed it. */
  | 'packet'
  /** An ARP reply, a request, or an announcement was heard. */
  | 'reply'
  | 'request'
  | 'gratuitous'
  /** reachable_time or delay_first_probe_time ended. */
  | 'timeout'
  /** A higher layer saw progress (dst_confirm). */
  | 'confirmed'
  /** All requests stayed without answer. */
  | 'unanswered'
  /** `ip neigh add|replace|del`. */
  | 'configured'
  /** The garbage collector. */
  | 'collected'
  /** The interface lost its carrier, went down or got another MAC. */
  | 'link-changed';
