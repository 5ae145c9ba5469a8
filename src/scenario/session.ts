// A scenario on its lab, without saying how time passes: `runScenario` computes the next instant, `up`
// waits for it. Steps are scheduled like anything else in the lab, so their order among all events
// is part of the one total order.

import type { EgressLabError } from '../base/errors.ts';
import type { AttachmentProvider } from '../lab/attachment.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { type Nanos, NEVER } from '../sim/time.ts';
import type { FrameExpectation } from '../topology/expectations/frame.ts';
import type { FlowSpec } from '../topology/model.ts';
import type { Step } from '../topology/steps/index.ts';
import type { Topology } from '../topology/topology.ts';
import { type ObjectTables, objectTables } from '../view/objects.ts';
import { VIEW_TABLES } from '../view/tables.ts';
import { analyze } from './analysis/analyze.ts';
import { collectFacts } from './analysis/collect.ts';
import { Inspector } from './analysis/inspector.ts';
import type { Analysis } from './analysis/model.ts';
import { Witness } from './analysis/witness.ts';
import { closeCapture, openCaptures, type RunCapture } from './captures.ts';
import { type ContestedAddresses, contestedAddresses } from './contested.ts';
import { ExpectationResults } from './expectation-results.ts';
import { Flow } from './flows/flow.ts';
import { FlowSources } from './flows/flow-sources.ts';
import { keptRequests } from './flows/request-log.ts';
import { FrameWatch } from './frame-watch.ts';
import { PropertyJudge } from './properties/judge.ts';
import {
  type FlowReport,
  REPORT_SCHEMA_VERSION,
  type RunOutcome,
  type RunProblem,
  type RunReport,
  type TimelineEntry,
} from './report.ts';
import type { RunOptions } from './run-options.ts';
import type { ScenarioState } from './state.ts';
import { act } from './steps/index.ts';
import { sceneOf } from './timeline/scene.ts';
import { Timeline } from './timeline/timeline.ts';

/** What a session of either kind needs to know; see RunOptions for the first ones. */
export interface SessionOptions
  extends Pick<
    RunOptions,
    | 'seed'
    | 'fabrics'
    | 'openCapture'
    | 'capture'
    | 'captureName'
    | 'onCaptureFailure'
    | 'onBuilt'
    | 'onStart'
    | 'onTimeline'
  > {
  /** The kernel's side of the topology's attachments; without it a topology that has any is refused. */
  readonly attachments?: AttachmentProvider;
  /** The lab runs on after the scenario: flows without an end of their own go on. */
  readonly openEnded?: boolean;
  /** False leaves flows and steps out: the lab alone. */
  readonly withScenario?: boolean;
  /** Called when something that is not a step, such as a full disk, asks for the end. */
  readonly onStop?: () => void;
}

/** A lab with its scenario, from the first frame to the report. */
export class ScenarioSession {
  readonly lab: Lab;
  readonly #options: SessionOptions;
  readonly #state: ScenarioState;
  readonly #judge: PropertyJudge | null;
  readonly #steps: readonly Step[];
  readonly #contested: ContestedAddresses;
  readonly #timeline: Timeline;
  readonly #witness: Witness;
  readonly #inspector: Inspector;
  readonly #expectations: ExpectationResults;
  readonly #problems: RunProblem[] = [];
  #before: ObjectTables | null = null;
  #captures: readonly RunCapture[] = [];
  #stopped = false;

  /** Builds the lab; time stands at zero and nothing is captured yet. */
  constructor(topology: Topology, options: SessionOptions) {
    this.#options = options;
    const { seed, attachments, fabrics, withScenario = true } = options;
    const lab = createLab(topology, {
      ...(seed === undefined ? {} : { seed }),
      ...(attachments === undefined ? {} : { attachments }),
      ...(fabrics === undefined ? {} : { fabrics }),
    });
    this.lab = lab;
    this.#steps = withScenario ? topology.scenario.steps : [];
    this.#contested = contestedAddresses(lab);
    this.#timeline = new Timeline(sceneOf(lab, this.#contested), options.onTimeline ?? null);
    for (const event of lab.events.events) this.#timeline.observe(event);
    lab.events.subscribe((event) => this.#timeline.observe(event));
    const kept = keptRequests(options.openEnded === true ? NEVER : 0);
    const sources = new FlowSources(withScenario ? topology.scenario.flows : [], kept);
    this.#inspector = new Inspector(lab, sources);
    const flows = withScenario ? this.#createFlows(sources) : new Map<string, Flow>();
    if (flows.size > 0) for (const stack of lab.stacks()) sources.watch(stack);
    const ends = [...flows.values()].map(({ spec }) => spec.to);
    this.#witness = new Witness(lab, this.#contested, ends);
    const frameWatches = watchFrames(lab, this.#steps);
    this.#state = { lab, flows, sources, arpings: new Map(), pings: new Map(), frameWatches };
    this.#judge = PropertyJudge.of(this.#steps, this.#state);
    this.#expectations = new ExpectationResults(this.#state, this.#judge, this.#steps);
  }

  /** Opens the capture, shows the tables and schedules flows and steps. To be called once. */
  begin(): void {
    this.#options.onBuilt?.();
    this.#captures = openCaptures(this.lab, this.#options, {
      now: () => this.lab.now,
      onFailure: (path, error) => this.#captureFailed(path, error),
      onLimit: (path, { files, octets }) =>
        this.lab.events.emit('capture', 'capture-limit', { path, octets, ring: files }),
    });
    this.#before = objectTables(this.lab);
    if (this.#before !== null) this.#options.onStart?.(this.#before);
    const { scheduler } = this.lab;
    for (const flow of this.#state.flows.values()) {
      if (flow.spec.start !== null) scheduler.at(flow.spec.start, startFlow, flow, null);
    }
    for (const step of this.#steps) scheduler.at(step.at, performStep, this, step);
  }

  /** What the timeline says so far. */
  get entries(): readonly TimelineEntry[] {
    return this.#timeline.entries;
  }

  /** The properties that the steps expect; null when there are none. */
  get judge(): PropertyJudge | null {
    return this.#judge;
  }

  /** Calls `listener` for each later line of the timeline, until the returned function is called. */
  follow(listener: (entry: TimelineEntry) => void): () => void {
    return this.#timeline.follow(listener);
  }

  /** The flows of the scenario by name, started or not. */
  get flows(): ReadonlyMap<string, Flow> {
    return this.#state.flows;
  }

  /** Called by the scheduler, and for typed commands. */
  perform(step: Step): void {
    if (step.kind === 'expect') this.#expectations.judge(step);
    else act(this.#state, step);
  }

  /** A problem has ended it; time is to pass no further. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Notes what stopped the lab; the report will say so. */
  fail(error: EgressLabError): void {
    this.#stopped = true;
    this.#note(error);
  }

  /** Puts what was captured so far where others can read it. */
  flush(): void {
    for (const { capture } of this.#captures) capture.flush();
  }

  /** Closes the capture and tells how it went. `interrupted`: before the scenario's end. */
  finish(interrupted: boolean): RunReport {
    const contested = this.#contested.list();
    const captures = this.#captures.map((capture) => closeCapture(capture, contested));
    return this.#report(captures, interrupted);
  }

  /** How it has gone so far, for who looks on; captures go on and are left out. */
  soFar(): RunReport {
    return this.#report([], true);
  }

  #report(captures: RunReport['captures'], interrupted: boolean): RunReport {
    const { lab } = this;
    const flows = [...this.#state.flows.values()].map((flow) => flow.report(lab.now));
    const before = this.#before;
    const after = objectTables(lab);
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
      neighbors: VIEW_TABLES.neighbors.rows(lab, null),
      fdb: VIEW_TABLES.fdb.rows(lab, null),
      conntrack: VIEW_TABLES.conntrack.rows(lab, null),
      ...(lab.cluster?.logical == null
        ? {}
        : {
            policies: VIEW_TABLES.policies.rows(lab, null),
            nats: VIEW_TABLES.nats.rows(lab, null),
          }),
      drops: VIEW_TABLES.drops.rows(lab, null),
      expectations: this.#expectations.reports(),
      captures,
      analysis: this.#analyze(flows),
      problems: this.#problems,
    };
  }

  /** After a normal end this is done already; after a bug the capture must still be readable. */
  dispose(): void {
    for (const { capture } of this.#captures) capture.dispose();
  }

  #captureFailed(path: string, error: EgressLabError): void {
    const goesOn = this.#options.onCaptureFailure === 'continue';
    this.lab.events.emit('capture', 'capture-ended', { path, why: error.message, goesOn });
    if (goesOn) {
      this.#note(error);
      return;
    }
    this.fail(error);
    this.#options.onStop?.();
  }

  #note({ code, message, hint, fault }: EgressLabError): void {
    this.#problems.push({ code, message, hint, fault, at: this.lab.now });
  }

  #createFlows(sources: FlowSources): Map<string, Flow> {
    const { lab } = this;
    const { flows: specs, duration } = lab.topology.scenario;
    const openEnded = this.#options.openEnded ?? false;
    const end: Nanos = openEnded ? NEVER : duration;
    const { scheduler, events } = lab;
    const onLost = (spec: FlowSpec, index: number): void => this.#inspector.look(spec, index);
    const flows = new Map<string, Flow>();
    specs.forEach((spec, index) => {
      const stack = lab.stack(spec.from);
      flows.set(
        spec.name,
        new Flow(spec, index, { scheduler, events, stack, sources, end, onLost }),
      );
    });
    return flows;
  }

  #analyze(reports: readonly FlowReport[]): Analysis | null {
    const specs = [...this.#state.flows.values()].map(({ spec }) => spec);
    const { sources } = this.#state;
    return analyze(
      collectFacts(
        this.lab,
        this.#contested,
        this.#witness,
        this.#inspector,
        sources,
        specs,
        reports,
      ),
    );
  }

  #outcome(interrupted: boolean): RunOutcome {
    if (this.#stopped) return 'stopped';
    return interrupted ? 'interrupted' : this.#expectations.outcome;
  }
}

function performStep(session: ScenarioSession, step: Step): void {
  session.perform(step);
}

function startFlow(flow: Flow): void {
  flow.start();
}

function watchFrames(lab: Lab, steps: readonly Step[]): Map<FrameExpectation, FrameWatch> {
  const selectors = lab.topology.capture.ports.map(({ text }) => text);
  const watches = new Map<FrameExpectation, FrameWatch>();
  for (const step of steps) {
    if (step.kind !== 'expect') continue;
    for (const expectation of step.expectations) {
      if (expectation.kind !== 'frame') continue;
      watches.set(expectation, new FrameWatch(lab, expectation, selectors));
    }
  }
  return watches;
}
