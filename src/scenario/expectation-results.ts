// What became of the expectations of a run: each is judged when its step comes, and what the run did not
// get to is said, too.

import type { Nanos } from '../sim/time.ts';
import type { ExpectationBase } from '../topology/expectations/expectation.ts';
import type { ExpectStep } from '../topology/steps/expect.ts';
import type { Step } from '../topology/steps/index.ts';
import { check } from './expectations/index.ts';
import type { PropertyJudge } from './properties/judge.ts';
import { type ExpectationReport, outcomeOf, type RunOutcome } from './report.ts';
import type { ScenarioState } from './state.ts';

/** The expectations of one run, those of its steps and those that are typed. */
export class ExpectationResults {
  readonly #state: ScenarioState;
  readonly #judge: PropertyJudge | null;
  readonly #steps: readonly Step[];
  readonly #judged: ExpectationReport[] = [];

  /** @param judge of the properties among the steps; null when there are none */
  constructor(state: ScenarioState, judge: PropertyJudge | null, steps: readonly Step[]) {
    this.#state = state;
    this.#judge = judge;
    this.#steps = steps;
  }

  /** Compares the lab as it stands now with what a step expects. */
  judge({ expectations }: ExpectStep): void {
    for (const expectation of expectations) {
      const saw =
        expectation.kind === 'property'
          ? (this.#judge?.check(expectation) ?? [])
          : check(this.#state, expectation);
      this.#judged.push(judged(expectation, this.#state.lab.now, saw));
    }
  }

  /** By what was judged so far. */
  get outcome(): RunOutcome {
    return outcomeOf(this.#judged);
  }

  /** What was judged, and what the run did not get to. */
  reports(): ExpectationReport[] {
    const all = this.#steps.flatMap((step) =>
      step.kind === 'expect' ? step.expectations.map((each) => ({ at: step.at, each })) : [],
    );
    const missing = all.slice(this.#judged.length).map(({ at, each }): ExpectationReport => {
      const { text, position } = each;
      return { at, text, position, verdict: 'not-reached', saw: [] };
    });
    return [...this.#judged, ...missing];
  }
}

function judged(
  { text, position }: ExpectationBase,
  at: Nanos,
  saw: readonly string[],
): ExpectationReport {
  return { at, text, position, verdict: saw.length === 0 ? 'held' : 'failed', saw };
}
