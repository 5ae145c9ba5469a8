// How a run is shown: to people as it goes, to programs as one document at the end.

import type { RunReport, TimelineEntry } from '../scenario/report.ts';
import type { Topology } from '../topology/topology.ts';
import type { ObjectTables } from '../view/objects.ts';
import type { TextOutput } from './io.ts';
import type { Progress } from './progress.ts';
import { renderAnalysis } from './render/analysis.ts';
import { renderCaptures } from './render/captures.ts';
import { renderExpectations } from './render/expectations.ts';
import { renderFlows } from './render/flows.ts';
import { renderHeading, renderPace } from './render/heading.ts';
import { renderObjectTables } from './render/object-tables.ts';
import { renderProblem } from './render/problem.ts';
import type { Style } from './render/style.ts';
import { sourceWidth, TimelineLines } from './render/timeline.ts';
import type { JsonProblem } from './topology-problems.ts';

/** The width assumed where no terminal says otherwise. */
const PLAIN_WIDTH = 100;

/** Is shown a run while it happens. */
export interface RunPrinter {
  /** Before the first event. */
  begin(topology: Topology, seed: number): void;
  before(tables: ObjectTables): void;
  entry(entry: TimelineEntry): void;
  end(report: RunReport): void;
}

/** One JSON document, nothing before it and nothing after. */
export class JsonRunPrinter implements RunPrinter {
  readonly #output: TextOutput;
  readonly #warnings: readonly JsonProblem[];

  constructor(output: TextOutput, warnings: readonly JsonProblem[]) {
    this.#output = output;
    this.#warnings = warnings;
  }

  begin(): void {}

  before(): void {}

  entry(): void {}

  end(report: RunReport): void {
    const document = this.#warnings.length === 0 ? report : { ...report, warnings: this.#warnings };
    this.#output.write(`${JSON.stringify(document, null, 2)}\n`);
  }
}

/** How a run is shown to people. */
export interface HumanPrinterSettings {
  readonly style: Style;
  /** Only what failed and the sum of it. */
  readonly quiet: boolean;
  readonly progress: Progress;
  /** In real time: it has no end of its own. */
  readonly live?: boolean;
}

/** For people: heading, tables, timeline as it happens, then flows, analysis and expectations. */
export class HumanRunPrinter implements RunPrinter {
  readonly #output: TextOutput;
  readonly #style: Style;
  readonly #quiet: boolean;
  readonly #progress: Progress;
  readonly #live: boolean;
  /** Null before the first entry. */
  #timeline: TimelineLines | null = null;
  #sourceWidth = 0;

  constructor(output: TextOutput, settings: HumanPrinterSettings) {
    this.#output = output;
    this.#style = settings.style;
    this.#quiet = settings.quiet;
    this.#progress = settings.progress;
    this.#live = settings.live ?? false;
  }

  begin(topology: Topology, seed: number): void {
    this.#sourceWidth = sourceWidth(namesIn(topology));
    if (this.#quiet) return;
    const { name, description } = topology;
    const duration = this.#live ? null : topology.scenario.duration;
    this.#paragraph(renderHeading({ name, description, seed, duration }, this.#style));
  }

  before(tables: ObjectTables): void {
    if (!this.#quiet) this.#paragraph(renderObjectTables(tables, null, this.#style));
  }

  entry(entry: TimelineEntry): void {
    if (this.#quiet) return;
    this.#timeline ??= new TimelineLines(this.#sourceWidth, this.#style);
    this.#progress.clear();
    this.#write(this.#timeline.next(entry));
  }

  end(report: RunReport): void {
    this.#progress.clear();
    if (!this.#quiet) {
      if (this.#timeline !== null) this.#write([...this.#timeline.rest(), '']);
      if (report.tables !== null) {
        const { before, after } = report.tables;
        this.#paragraph(renderObjectTables(after, before, this.#style));
      }
      this.#paragraph(renderFlows(report.flows, this.#width(), this.#style));
      this.#paragraph(renderAnalysis(report, this.#width(), this.#style));
    }
    const problems = report.problems.flatMap((problem) => renderProblem(problem, this.#style));
    this.#paragraph(problems);
    this.#write(renderExpectations(report.expectations, this.#style));
    if (!this.#quiet) this.#write(renderCaptures(report, this.#style));
    const cutShort = report.outcome === 'interrupted' || report.outcome === 'stopped';
    if (!this.#quiet || cutShort) {
      this.#write([renderPace(report, this.#progress.wallSeconds, this.#style)]);
    }
  }

  #width(): number {
    return this.#output.isTerminal ? Math.max(60, this.#output.columns) : PLAIN_WIDTH;
  }

  /** Lines and an empty one after them; nothing for nothing. */
  #paragraph(lines: readonly string[]): void {
    if (lines.length > 0) this.#write([...lines, '']);
  }

  #write(lines: readonly string[]): void {
    if (lines.length > 0) this.#output.write(`${lines.join('\n')}\n`);
  }
}

/** Everything that can be the source of an event. */
function namesIn(topology: Topology): string[] {
  return [
    ...topology.segments,
    ...topology.hosts,
    ...topology.scenario.flows,
    ...(topology.cluster?.nodes ?? []),
    ...(topology.cluster?.pods ?? []),
  ].map((each) => each.name);
}
