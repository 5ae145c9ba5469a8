// What the API server and its clients say in the event log of a lab (not Kubernetes' own Event objects,
// which are in server/event-recorder).

/** By `api`, `oc`, or the name of the client that wrote. */
export interface KubeEvents {
  /** The kubelet has not reported for the grace period. */
  readonly 'node-not-ready': { readonly node: string };
  /** A kubelet that started registered its node, which was not there. */
  readonly 'node-registered': { readonly node: string };
  /** It reports again. */
  readonly 'node-ready': { readonly node: string };
  /** A client of the API server of a running lab wrote. */
  readonly 'api-write': {
    /** As in RBAC: 'create', 'patch'. */
    readonly verb: string;
    /** 'pods/web'. */
    readonly object: string;
    /** The body as JSON, shortened; empty when there was none. */
    readonly body: string;
  };
  /** An `oc` command was carried out. */
  readonly 'oc-command': {
    /** As typed: 'oc get nodes'. */
    readonly command: string;
    readonly stdout: string;
    readonly stderr: string;
    readonly exitCode: number;
  };
  /** And failed. */
  readonly 'oc-failed': {
    /** What it printed on stderr, without the last line feed. */
    readonly message: string;
    readonly exitCode: number;
  };
}
