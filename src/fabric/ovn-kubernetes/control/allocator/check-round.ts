// One round of the periodic check (clustermanager/egressip_controller.go:627-700): all labelled and ready nodes one
// after another, in random order; verdicts are collected and then acted on.

import type { Random } from '../../../../sim/random.ts';
import { check, type HealthClient } from '../health/health-client.ts';
import type { Voice } from '../sink.ts';
import type { NodeRecord } from './node-record.ts';
import { inTurn } from './tasks.ts';

const FILE = 'egressip_controller.go';

/** What a round is made with. */
export interface CheckRoundOptions {
  readonly random: Random;
  readonly voice: Voice;
  readonly records: ReadonlyMap<string, NodeRecord>;
  /** The health client of a node. */
  readonly client: (node: string) => HealthClient;
  readonly onVerdict: (node: string, reachable: boolean) => void;
  readonly onUp: (node: string, done: () => void) => void;
  readonly onDown: (node: string, done: () => void) => void;
}

type Verdict = readonly [NodeRecord, boolean];

/** Checks every node once. */
export class CheckRound {
  readonly #options: CheckRoundOptions;

  constructor(options: CheckRoundOptions) {
    this.#options = options;
  }

  /** `done` when all has been acted on. */
  run(done: () => void): void {
    const { random, records } = this.#options;
    const verdicts: Verdict[] = [];
    inTurn(
      random.shuffle([...records.values()]),
      (record, next) => this.#probe(record, verdicts, next),
      () => inTurn(verdicts, (verdict, next) => this.#act(verdict, next), done),
    );
  }

  #probe(record: NodeRecord, verdicts: Verdict[], next: () => void): void {
    const client = this.#options.client(record.name);
    if (!record.assignable || !record.ready) {
      client.disconnect();
      next();
      return;
    }
    check(client, record.managementIps, (reachable) => {
      if (reachable !== record.reachable) verdicts.push([record, reachable]);
      record.reachable = reachable;
      next();
    });
  }

  #act([{ name }, reachable]: Verdict, next: () => void): void {
    const { onDown, onUp, onVerdict, voice } = this.#options;
    onVerdict(name, reachable);
    if (reachable) {
      const text = `Node: ${name} is detected as reachable and ready again, adding it to egress assignment`;
      voice.log('I', `${FILE}:675`, text);
      onUp(name, next);
    } else {
      const text = `Node: ${name} is detected as unreachable, deleting it from egress assignment`;
      voice.log('W', `${FILE}:667`, text);
      onDown(name, next);
    }
  }
}
