// What netfilter says in the event log.

/** By the name of the machine. */
export interface NatEvents {
  /** SNAT could not keep the source port of a connection. */
  readonly 'snat-port-changed': {
    /** 'tcp', 'udp', 'icmp'. */
    readonly protocol: string;
    /** The source before: '10.128.0.5:40000'; of ICMP the identifier stands in the place of the port. */
    readonly original: string;
    /** The source after. */
    readonly mapped: string;
    readonly destination: string;
  };
}
