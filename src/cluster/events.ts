// What the control plane says in the event log about the processes it starts and stops.

/** By the name of the node; `container` is what runs in the pod: 'sdn'. */
export interface ClusterEvents {
  /** The agent of a node was stopped; its data path goes on. */
  readonly 'agent-stopped': { readonly pod: string; readonly container: string };
  /** And started. */
  readonly 'agent-started': { readonly pod: string; readonly container: string };
  /** The agents of a node hear of every change so many nanoseconds late from now on. */
  readonly 'api-delay-changed': { readonly delay: number };
}
