// What a protocol's tracker says of a packet.

/** What happens to the packet. */
export const Track = {
  Accept: 0,
  /** It fits no connection: it passes, but neither NAT nor state touch it. */
  Invalid: 1,
  /** The connection it belonged to is over, this one begins anew: look again. */
  Reopen: 2,
} as const;
export type Track = (typeof Track)[keyof typeof Track];
