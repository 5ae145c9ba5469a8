// Runs a scenario from time zero to its end and tells what happened. Steps are scheduled like anything
// else in the lab, so their order among all events is part of the one total order.

import { EgressLabError } from '../base/errors.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { millis, type Nanos, NEVER } from '../sim/time.ts';
import type { FrameExpectation } from '../topology/expectations/frame.ts';
import type { Expectation } from '../topology/expectations/index.ts';
import type { Topology } from '../topology/model.ts';
import type { Step } from '../topology/steps/index.ts';
import { closeCapture, openCapture, type RunCapture } from './captures.ts';
import { type ContestedAddresses, contestedAddresses } from './contested.ts';
import { check } from './expectations/index.ts';
import { Flow } from './flows/flow.ts';
import { FlowSources } from './flows/flow-sources.ts';
import { FrameWatch } from './frame-watch.ts';
import { describeEnd } from './listings.ts';
import {
  type ExpectationReport,
  outcomeOf,
  REPORT_SCHEMA_VERSION,
  type RunOutcome,
  type RunProblem,
  type RunReport,
} from './report.ts';
import type { RunOptions } from './run-options.ts';
import type { ScenarioRun } from './scenario-run.ts';
import { act } from './steps/index.ts';
import { tablesOf } from './tables.ts';
import { Timeline } from './timeline/timeline.ts';

/** How far time goes before the caller may breathe. */
const SLICE: Nanos = millis(20);

/** See RunScenario in run-options.ts. */
export async function runScenario(
  topology: Topology,
  options: RunOptions = {},
): Promise<RunReport> {
  return new Runner(topology, options).run();
}

class Runner {
  readonly #options: RunOptions;
  readonly #lab: Lab;
  readonly #run: ScenarioRun;
  readonly #contested: ContestedAddresses;
  readonly #timeline: Timeline;
  readonly #expectations: ExpectationReport[] = [];
  readonly #problems: RunProblem[] = [];

  constructor(topology: Topology, options: RunOptions) {
    this.#options = options;
    const { seed } = options;
    const lab = createLab(topology, seed === undefined ? {} : { seed });
    this.#lab = lab;
    this.#contested = contestedAddresses(lab);
    this.#timeline = new Timeline(this.#contested, options.onTimeline ?? null);
    for (const event of lab.events.events) this.#timeline.observe(event);
    lab.events.subscribe((event) => this.#timeline.observe(event));
    const { flows: specs, duration: end } = topology.scenario;
    const sources = new FlowSources(specs);
    if (specs.length > 0) for (const stack of lab.stacks()) sources.watch(stack);
    const flows = new Map<string, Flow>();
    specs.forEach((spec, index) => {
      const { scheduler, events } = lab;
      const stack = lab.stack(spec.from);
      flows.set(spec.name, new Flow(spec, index, { scheduler, events, stack, sources, end }));
    });
    const frameWatches = watchFrames(lab, topology);
    this.#run = { lab, flows, sources, arpings: new Map(), pings: new Map(), frameWatches };
  }

  async run(): Promise<RunReport> {
    const capture = openCapture(this.#lab, this.#options);
    try {
      return await this.#toTheEnd(capture);
    } finally {
      // After a normal end this is done already; after a bug the file must still be readable.
      capture?.capture.dispose();
    }
  }

  async #toTheEnd(capture: RunCapture | null): Promise<RunReport> {
    const lab = this.#lab;
    const before = tablesOf(lab);
    if (before !== null) this.#options.onStart?.(before);
    this.#schedule();
    const interrupted = await this.#pass();
    const flows = [...this.#run.flows.values()].map((flow) => flow.report(lab.now));
    const after = tablesOf(lab);
    const captures = capture === null ? [] : [closeCapture(capture, this.#contested.list())];
    const { topology, seed } = lab;
    const { name, description, file, digest } = topology;
    return {
      schemaVersion: REPORT_SCHEMA_VERSION,
      topology: { name, description, file, digest },
      seed,
      epoch: lab.clock.timestamp(0),
      labDuration: lab.now,
      outcome: this.#outcome(interrupted),
      timeline: this.#timeline.entries,
      tables: before === null || after === null ? null : { before, after },
      flows,
      ...describeEnd(lab),
      expectations: this.#allExpectations(),
      captures,
      analysis: null,
      problems: this.#problems,
    };
  }

  #schedule(): void {
    const { scheduler, topology } = this.#lab;
    for (const flow of this.#run.flows.values()) {
      if (flow.spec.start !== null) scheduler.at(flow.spec.start, startFlow, flow, null);
    }
    for (const step of topology.scenario.steps) {
      scheduler.at(step.at, performStep, this, step);
    }
  }

  /** Called by the scheduler. */
  perform(step: Step): void {
    if (step.kind !== 'expect') {
      act(this.#run, step);
      return;
    }
    for (const expectation of step.expectations) {
      const saw = check(this.#run, expectation);
      this.#expectations.push(reportOf(expectation, this.#lab.now, saw));
    }
  }

  /** Lets time pass in slices; true if the caller aborted. A lab that fails stops and says why. */
  async #pass(): Promise<boolean> {
    const { signal, breathe } = this.#options;
    const lab = this.#lab;
    const { duration } = lab.topology.scenario;
    try {
      while (lab.now < duration) {
        if (signal?.aborted === true) return true;
        const next = Math.max(lab.scheduler.nextDeadline(), lab.now);
        const slice = Math.min(next === NEVER ? duration : next + SLICE, duration);
        lab.scheduler.advanceTo(slice);
        const pause = breathe?.(lab.now) ?? null;
        if (pause !== null) await pause;
      }
    } catch (error) {
      if (!(error instanceof EgressLabError)) throw error;
      const { code, message, hint, fault } = error;
      this.#problems.push({ code, message, hint, fault, at: lab.now });
    }
    return false;
  }

  #outcome(interrupted: boolean): RunOutcome {
    if (interrupted) return 'interrupted';
    return this.#problems.length > 0 ? 'stopped' : outcomeOf(this.#expectations);
  }

  /** What was checked, and what the run did not get to. */
  #allExpectations(): ExpectationReport[] {
    const checked = this.#expectations.length;
    const all = this.#lab.topology.scenario.steps.flatMap((step) =>
      step.kind === 'expect' ? step.expectations.map((each) => ({ at: step.at, each })) : [],
    );
    const missing = all.slice(checked).map(({ at, each }): ExpectationReport => {
      const { text, position } = each;
      return { at, text, position, verdict: 'not-reached', saw: [] };
    });
    return [...this.#expectations, ...missing];
  }
}

function performStep(runner: Runner, step: Step): void {
  runner.perform(step);
}

function startFlow(flow: Flow): void {
  flow.start();
}

function reportOf(expectation: Expectation, at: Nanos, saw: readonly string[]): ExpectationReport {
  const { text, position } = expectation;
  return { at, text, position, verdict: saw.length === 0 ? 'held' : 'failed', saw };
}

function watchFrames(lab: Lab, topology: Topology): Map<FrameExpectation, FrameWatch> {
  const selectors = topology.capture.ports.map(({ text }) => text);
  const watches = new Map<FrameExpectation, FrameWatch>();
  for (const step of topology.scenario.steps) {
    if (step.kind !== 'expect') continue;
    for (const expectation of step.expectations) {
      if (expectation.kind !== 'frame') continue;
      watches.set(expectation, new FrameWatch(lab, expectation, selectors));
    }
  }
  return watches;
}
