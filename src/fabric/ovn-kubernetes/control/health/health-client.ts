// What the check loop needs of a node's health client (ovn/healthcheck/egressip_healthcheck.go).

/** One node's. */
export interface HealthClient {
  readonly isConnected: boolean;
  /** Opens a session; `done(true)` means that the node is reachable. */
  connect(addresses: readonly string[], done: (reachable: boolean) => void): void;
  /** Asks over the session. */
  probe(done: (reachable: boolean) => void): void;
  disconnect(): void;
}

/** Connects without a session, asks with one: one check of a node. */
export function check(
  client: HealthClient,
  addresses: readonly string[],
  done: (reachable: boolean) => void,
): void {
  if (client.isConnected) client.probe(done);
  else client.connect(addresses, done);
}

/** What every node has with a total timeout of 0, or before PR 1784: reachable at all times. */
export const alwaysReachable: HealthClient = {
  isConnected: false,
  connect: (_addresses, done) => done(true),
  probe: (done) => done(true),
  disconnect: () => undefined,
};
