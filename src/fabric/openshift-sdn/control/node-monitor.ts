// What an sdn pod needs from its monitor of other nodes, whichever way the profile watches them.

/** Called with a verdict. */
export type VerdictListener = (nodeIp: string, offline: boolean) => void;

/** Watches the remote nodes that host at least one active egress IP. */
export interface NodeMonitor {
  /** One more active egress IP lives on that node; the first one starts the watch. */
  watch(nodeIp: string, sdnIp: string, offline: boolean): void;
  /** One less; the last one ends the watch. */
  unwatch(nodeIp: string): void;
  /** The process died. */
  stop(): void;
}
