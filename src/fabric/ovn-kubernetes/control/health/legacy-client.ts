// The health check before gRPC: TCP connects to the discard port of a node's management address until one
// is answered, by whatever answer, or the time is over (clustermanager/egressip_controller.go:87-108, 584-622).

import type { Scheduler } from '../../../../sim/scheduler.ts';
import { millis, type Nanos } from '../../../../sim/time.ts';
import { parseIpv4 } from '../../../../wire/ipv4-address.ts';
import { DISCARD_PORT, type Dialer, DialOutcome } from '../../../dialer.ts';
import type { Voice } from '../sink.ts';
import type { HealthClient } from './health-client.ts';

const FILE = 'egressip_controller.go';
/** The first try, and later ones, with a total of one second. */
const FIRST_TRY = millis(700);
const LATER_TRY = millis(100);
/** Every try with a longer total. */
const LONG_TRY = millis(900);
const PAUSE = millis(100);

/** What a client of one node is made with. */
export interface LegacyClientOptions {
  readonly node: string;
  readonly scheduler: Scheduler;
  readonly dialer: Dialer;
  /** Of one check in all, a second or more. */
  readonly timeout: Nanos;
  readonly voice: Voice;
}

/** RST, success and any other error mean that something is alive there. */
export function answersDial(outcome: DialOutcome): boolean {
  return outcome !== DialOutcome.Timeout && outcome !== DialOutcome.HostUnreachable;
}

/** The health check by dialing of one node. */
export class LegacyClient implements HealthClient {
  readonly isConnected = false;
  readonly #options: LegacyClientOptions;

  constructor(options: LegacyClientOptions) {
    this.#options = options;
  }

  connect(addresses: readonly string[], done: (reachable: boolean) => void): void {
    const { node, scheduler, timeout, voice } = this.#options;
    const end = scheduler.now + timeout;
    const isLong = timeout >= millis(2000);
    const round = (first: boolean): void => {
      const total = isLong ? LONG_TRY : first ? FIRST_TRY : LATER_TRY;
      this.#round(addresses, Math.floor(total / Math.max(addresses.length, 1)), (answers) => {
        if (answers) {
          done(true);
          return;
        }
        if (scheduler.now + PAUSE >= end) {
          const wait = Math.max(end - scheduler.now, 0);
          const fail = (): void => {
            voice.log('E', `${FILE}:617`, `Failed reachability check for ${node}`);
            done(false);
          };
          scheduler.after(wait, fail, null, null);
          return;
        }
        scheduler.after(PAUSE, () => round(false), null, null);
      });
    };
    round(true);
  }

  probe(done: (reachable: boolean) => void): void {
    done(false);
  }

  disconnect(): void {
    // There is no session.
  }

  /** One try of each address, one after another. */
  #round(addresses: readonly string[], timeout: Nanos, done: (answers: boolean) => void): void {
    const next = (at: number): void => {
      const text = addresses[at];
      const address = text === undefined ? null : parseIpv4(text);
      if (text === undefined) {
        done(false);
      } else if (address === null) {
        next(at + 1);
      } else {
        this.#options.dialer.dial(address, DISCARD_PORT, timeout, (outcome) => {
          if (answersDial(outcome)) done(true);
          else next(at + 1);
        });
      }
    };
    next(0);
  }
}
