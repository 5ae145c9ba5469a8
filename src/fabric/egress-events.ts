// What the processes of any cluster network say in the event log about egress IPs: the words that the
// timeline and the analysis know. Addresses are text.

/** By the name of the node where an agent runs, or by `controller`. */
export interface EgressEvents {
  /** The controller gave an egress IP to a node. */
  readonly 'egress-ip-assigned': { readonly ip: string; readonly node: string };
  /** The controller took it away. */
  readonly 'egress-ip-unassigned': { readonly ip: string; readonly node: string };
  /** An agent has put the address on the interface. */
  readonly 'egress-ip-claimed': {
    readonly ip: string;
    readonly interface: string;
  };
  /** It could not. */
  readonly 'egress-ip-claim-failed': {
    readonly ip: string;
    /** As the agent logs it. */
    readonly error: string;
  };
  /** A gratuitous ARP left. */
  readonly 'egress-ip-announced': {
    readonly ip: string;
    readonly form: 'reply' | 'request';
    /** '1/2', '2/2'. */
    readonly number: string;
    readonly interface: string;
  };
  /** The agent took the address off. */
  readonly 'egress-ip-released': {
    readonly ip: string;
    readonly interface: string;
  };
  /** A started agent took off what a former one had left. */
  readonly 'stale-egress-ip-removed': { readonly ip: string; readonly interface: string };
  /** The controller's health check gave a node up; `ip` is the node's own address. */
  readonly 'node-offline': { readonly node: string; readonly ip: string };
  /** And found it again. */
  readonly 'node-online': { readonly node: string; readonly ip: string };
  /** An agent's health check gave a node up; `node` is that node's own address. */
  readonly 'peer-offline': { readonly node: string };
  /** And found it again. */
  readonly 'peer-online': { readonly node: string };
  /** How pods of a namespace leave a node from now on. */
  readonly 'namespace-egress': {
    /** Of the pods, as people call it. */
    readonly namespace: string;
    /** The pods on this node that it is about, by name. */
    readonly pods: readonly string[];
    /** via: as one of `ips`; dropped: none is usable; normal: with the address of the node. */
    readonly outcome: 'via' | 'dropped' | 'normal';
    readonly ips: readonly string[];
    /** The node addresses of those that hold `ips`, in the same order. */
    readonly nodes: readonly string[];
  };
  /** A line of the log of an agent or of a controller, in klog's form. */
  readonly 'log-line': { readonly pod: string; readonly line: string };
}
