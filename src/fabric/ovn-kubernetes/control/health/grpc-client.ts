// The gRPC health client of one node: a session to its management address, one answer per check, and a
// flag that forgives the first failed probe (ovn/healthcheck/egressip_healthcheck.go). The flag survives a
// reconnect: probe error, reconnect, probe error is down at the second.

import type { Scheduler } from '../../../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../../../sim/time.ts';
import {
  HEALTH_PORT,
  HEALTH_SERVICE,
  type HealthSession,
  type HostNetwork,
} from '../../host-network.ts';
import type { Voice } from '../sink.ts';
import type { HealthClient } from './health-client.ts';

const FILE = 'egressip_healthcheck.go';
/** The first pause of gRPC between two attempts to connect (connection-backoff.md). */
const RETRY_PAUSE = seconds(1);

/** What a client of one node is made with. */
export interface GrpcClientOptions {
  readonly node: string;
  readonly scheduler: Scheduler;
  /** Where the cluster manager runs. */
  readonly host: Pick<HostNetwork, 'connectHealth'>;
  /** Of one check in all. */
  readonly timeout: Nanos;
  readonly voice: Voice;
  /** What an earlier session left, for tests. */
  readonly probeFailed?: boolean;
}

/** The gRPC health client of one node. */
export class GrpcClient implements HealthClient {
  readonly #options: GrpcClientOptions;
  #session: HealthSession | null = null;
  #address = '';
  #probeFailed: boolean;

  constructor(options: GrpcClientOptions) {
    this.#options = options;
    this.#probeFailed = options.probeFailed ?? false;
  }

  get isConnected(): boolean {
    return this.#session !== null;
  }

  /** The last probe failed: the next failure counts. */
  get probeFailed(): boolean {
    return this.#probeFailed;
  }

  connect(addresses: readonly string[], done: (reachable: boolean) => void): void {
    const { scheduler, timeout } = this.#options;
    this.#attempt(addresses, 0, scheduler.now + timeout, done);
  }

  /** Tries an address until the time is over: a refused connection is tried again. */
  #attempt(
    addresses: readonly string[],
    at: number,
    deadline: Nanos,
    done: (reachable: boolean) => void,
  ): void {
    const { scheduler, host, node, voice } = this.#options;
    const address = addresses[at];
    if (address === undefined) {
      done(false);
      return;
    }
    const left = deadline - scheduler.now;
    const where = `${node} (${hostPort(address)})`;
    if (left <= 0) {
      voice.log('W', `${FILE}:158`, `Could not connect to ${where}: context deadline exceeded`);
      this.#attempt(addresses, at + 1, deadline, done);
      return;
    }
    host.connectHealth(address, HEALTH_PORT, left, (session) => {
      if (session !== null) {
        this.#session = session;
        this.#address = address;
        voice.log('I', `${FILE}:162`, `Connected to ${where}`);
        done(true);
        return;
      }
      const pause = Math.min(RETRY_PAUSE, Math.max(deadline - scheduler.now, 0));
      scheduler.after(pause, () => this.#attempt(addresses, at, deadline, done), null, null);
    });
  }

  probe(done: (reachable: boolean) => void): void {
    const session = this.#session;
    if (session === null) {
      done(false);
      return;
    }
    session.check(this.#options.timeout, (answer) => {
      if (answer === 'failed') {
        const forgiven = !this.#probeFailed;
        this.disconnect();
        this.#probeFailed = true;
        done(forgiven);
        return;
      }
      if (answer === 'serving') this.#probeFailed = false;
      done(answer === 'serving');
    });
  }

  disconnect(): void {
    if (this.#session === null) return;
    const { node, voice } = this.#options;
    voice.log('I', `${FILE}:187`, `Closing connection with ${node} (${hostPort(this.#address)})`);
    this.#session.close();
    this.#session = null;
  }
}

/** 'a:9107' or '[a]:9107' (net.JoinHostPort). */
export function hostPort(address: string, port: number = HEALTH_PORT): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What the health server answers to a service name: SERVING for egress IPs, NOT_SERVING for anything else. */
export function healthStatus(service: string): 'SERVING' | 'NOT_SERVING' {
  return service === HEALTH_SERVICE ? 'SERVING' : 'NOT_SERVING';
}
