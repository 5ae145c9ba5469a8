// What the control plane says in the event log about the processes it starts and stops.

/** By the name of the node. */
export interface ClusterEvents {
  /** The agent of a node was stopped; its data path goes on. */
  readonly 'agent-stopped': { readonly pod: string };
  /** And started. */
  readonly 'agent-started': { readonly pod: string };
}
