// Why netfilter drops what it does; see link/drop-reason.ts.

/** The reasons of the packet filter, of connection tracking and of SNAT. */
export const NatDrop = {
  FilterDrop: 'filter-drop',
  FilterReject: 'filter-reject',
  ConntrackTableFull: 'conntrack-table-full',
  SnatPortsExhausted: 'snat-ports-exhausted',
  MasqueradeNoAddress: 'masquerade-no-address',
  MasqueradeMoved: 'masquerade-interface-changed',
  NatRedirect: 'nat-redirect',
  NatShortQuote: 'nat-short-quote',
} as const;
