// The ways in which looking for a route ends without one.

/**
 * Why a packet of this host has no way. `invalid-source`: its address is none of the host's;
 * `loopback-source`: 127/8 does not leave by an interface without route_localnet.
 */
export type RouteFailure =
  | 'network-unreachable'
  | 'host-unreachable'
  | 'prohibited'
  | 'blackhole'
  | 'invalid-source'
  | 'loopback-source';
