// What the processes of OpenShift SDN say in the event log. Addresses are text.

/** By the name of the node where an sdn pod runs, or by `controller`. */
export interface OpenshiftSdnEvents {
  /** The controller gave an egress IP to a node. */
  readonly 'egress-ip-assigned': { readonly ip: string; readonly node: string };
  /** The controller took it away. */
  readonly 'egress-ip-unassigned': { readonly ip: string; readonly node: string };
  /** The sdn pod has put the address on the interface. */
  readonly 'egress-ip-claimed': {
    readonly ip: string;
    readonly vnid: number;
    readonly interface: string;
  };
  /** It could not. */
  readonly 'egress-ip-claim-failed': {
    readonly ip: string;
    readonly vnid: number;
    /** As the sdn pod logs it. */
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
  /** The sdn pod took the address off. */
  readonly 'egress-ip-released': {
    readonly ip: string;
    readonly vnid: number;
    readonly interface: string;
  };
  /** A started sdn pod took off what a former one had left. */
  readonly 'stale-egress-ip-removed': { readonly ip: string; readonly interface: string };
  /** The controller's health check gave a node up; `ip` is the node's own address. */
  readonly 'node-offline': { readonly node: string; readonly ip: string };
  /** And found it again. */
  readonly 'node-online': { readonly node: string; readonly ip: string };
  /** An sdn pod's health check gave a node up; `node` is that node's own address. */
  readonly 'peer-offline': { readonly node: string };
  /** And found it again. */
  readonly 'peer-online': { readonly node: string };
  /** How a namespace leaves a node from now on. */
  readonly 'namespace-egress': {
    readonly vnid: number;
    /** Null when the sdn pod does not know whose VNID it is. */
    readonly namespace: string | null;
    /** via: as one of `ips`; dropped: none is usable; normal: with the address of the node. */
    readonly outcome: 'via' | 'dropped' | 'normal';
    readonly ips: readonly string[];
    /** The node addresses of those that hold `ips`, in the same order. */
    readonly nodes: readonly string[];
  };
  /** A line of the log of an sdn pod or of the controller, in klog's form. */
  readonly 'log-line': { readonly pod: string; readonly line: string };
}
