// `egresslab run X --matrix how=power-off,unplugged --seeds 1..5`: one topology in many variants, and one table of what
// they differ in.

import { EgressLabError } from '../../base/errors.ts';
import type { RunReport } from '../../scenario/report.ts';
import { differing, type ReportFacts, reportFacts } from '../../scenario/report-facts.ts';
import { createBreather } from '../breather.ts';
import { ExitCode, exitCodeOfFault } from '../exit-code.ts';
import { renderTable, type TextColumn } from '../render/table.ts';
import { StopSignals } from '../stop-signals.ts';
import { jsonDocument, reportDiagnostics } from '../topology-problems.ts';
import {
  type ListOption,
  type Session,
  type TextOption,
  variablesOf,
  wordOption,
} from './command.ts';
import type { RunArguments } from './run-arguments.ts';

/** The options, as yargs takes them. */
export const MATRIX_OPTIONS: { readonly matrix: ListOption; readonly seeds: TextOption } = {
  matrix: {
    describe:
      'Play every variant, as NAME=a,b,c or by a path as in --set; may be repeated, then all combinations',
    type: 'string',
    array: true,
    nargs: 1,
    requiresArg: true,
  },
  seeds: wordOption('seeds', 'Play every variant with each of these seeds, such as 1..5'),
};

/** Which variants to play. */
export interface Matrix {
  /** Settings by name, each with its values. */
  readonly settings: ReadonlyMap<string, readonly string[]>;
  /** Null: the topology's own. */
  readonly seeds: readonly number[] | null;
}

interface Variant {
  readonly set: Readonly<Record<string, string>>;
  readonly seed: number | null;
}

interface Played {
  readonly variant: Variant;
  readonly report: RunReport;
  readonly facts: ReportFacts;
}

const RUN_LIMIT = 1000;
/** Where nothing says how wide a terminal is. */
const PLAIN_WIDTH = 100;

/** Null when neither option was given. @throws EgressLabError EGL_USAGE */
export function readMatrix(typed: {
  readonly matrix?: unknown;
  readonly seeds?: unknown;
}): Matrix | null {
  if (typed.matrix === undefined && typed.seeds === undefined) return null;
  const settings = new Map(
    Object.entries(variablesOf(typed.matrix)).map(([name, values]) => [name, values.split(',')]),
  );
  const seeds = typed.seeds === undefined ? null : seedsOf(String(typed.seeds));
  const runs = [...settings.values()].reduce((all, { length }) => all * length, seeds?.length ?? 1);
  if (runs > RUN_LIMIT) {
    throw new EgressLabError('EGL_USAGE', `--matrix and --seeds ask for ${runs} runs`, {
      hint: `At most ${RUN_LIMIT} are played at once.`,
    });
  }
  return { settings, seeds };
}

/**
 * Plays them one after another, without captures, and prints the table. The exit code is that of the worst run.
 * @throws EgressLabError
 */
export async function runMatrix(
  args: RunArguments,
  matrix: Matrix,
  session: Session,
): Promise<ExitCode> {
  const { loadTopology } = await import('../load-topology.ts');
  const { io } = session;
  const abort = new AbortController();
  const signals = new StopSignals(io, () => abort.abort());
  const played: Played[] = [];
  signals.listen();
  try {
    for (const variant of variantsOf(matrix, args)) {
      const { topology, diagnostics } = loadTopology(
        args.topology,
        io.workingDirectory,
        variant.set,
      );
      if (topology === null) {
        reportDiagnostics(args.topology, diagnostics, args, io);
        return ExitCode.Input;
      }
      const report = await session.runScenario(topology, {
        ...(variant.seed === null ? {} : { seed: variant.seed }),
        breathe: createBreather(() => {}),
        signal: abort.signal,
      });
      if (abort.signal.aborted) return ExitCode.Interrupted;
      played.push({ variant, report, facts: reportFacts(report) });
    }
  } finally {
    signals.ignore();
  }
  const names = [...matrix.settings.keys()];
  const differences = differing(played.map(({ facts }) => facts));
  if (args.json) io.stdout.write(jsonDocument({ runs: played.map((run) => document(run, names)) }));
  else
    io.stdout.write(
      `${table(played, names, differences, io.stdout.isTerminal ? io.stdout.columns : PLAIN_WIDTH).join('\n')}\n`,
    );
  return worst(played);
}

/** All combinations, the first setting changing slowest, each with every seed. */
function variantsOf({ seeds, settings }: Matrix, { seed, set }: RunArguments): Variant[] {
  let sets: Readonly<Record<string, string>>[] = [set];
  for (const [name, values] of settings) {
    sets = sets.flatMap((each) => values.map((value) => ({ ...each, [name]: value })));
  }
  return sets.flatMap((each) => (seeds ?? [seed]).map((one) => ({ set: each, seed: one })));
}

function table(
  played: readonly Played[],
  names: readonly string[],
  differences: readonly string[],
  width: number,
): string[] {
  const columns: TextColumn[] = [
    ...names.map((name) => ({ title: name.toUpperCase() })),
    { title: 'SEED', align: 'right' },
    { title: 'RESULT' },
    { title: 'WHAT DIFFERS' },
  ];
  const told = differences.filter((name) => name !== 'outcome' && !name.startsWith('expect '));
  const rows = played.map(({ facts, report, variant }) => [
    ...names.map((name) => variant.set[name] ?? ''),
    String(report.seed),
    report.outcome,
    told.length === 0 ? 'nothing' : told.map((name) => `${name}: ${facts.get(name) ?? '-'}`),
  ]);
  return renderTable(columns, rows, width);
}

function document({ facts, report, variant }: Played, names: readonly string[]): object {
  return {
    set: Object.fromEntries(names.map((name) => [name, variant.set[name] ?? ''])),
    seed: report.seed,
    outcome: report.outcome,
    facts: Object.fromEntries(facts),
  };
}

function worst(played: readonly Played[]): ExitCode {
  const [problem] = played.flatMap(({ report }) => report.problems);
  if (problem !== undefined) return exitCodeOfFault(problem.fault);
  const failed = played.some(({ report }) => report.outcome !== 'passed');
  return failed ? ExitCode.ExpectationFailed : ExitCode.Success;
}

/** '1..5', '7' and '1,2,9'. @throws EgressLabError EGL_USAGE */
function seedsOf(text: string): number[] {
  const range = /^(\d{1,10})\.\.(\d{1,10})$/.exec(text);
  const [first, last] = range === null ? [] : [Number(range[1]), Number(range[2])];
  if (first !== undefined && last !== undefined && first <= last && last - first < RUN_LIMIT) {
    return checked(
      Array.from({ length: last - first + 1 }, (_, at) => first + at),
      text,
    );
  }
  if (/^\d{1,10}(,\d{1,10})*$/.test(text)) return checked(text.split(',').map(Number), text);
  throw noSeeds(text);
}

function checked(seeds: number[], text: string): number[] {
  if (seeds.every((seed) => seed <= 0xffff_ffff)) return seeds;
  throw noSeeds(text);
}

function noSeeds(text: string): EgressLabError {
  return new EgressLabError('EGL_USAGE', `--seeds ${text} are no seeds`, {
    hint: `Such as --seeds 1..5 or --seeds 1,7,9; a seed is at most 4294967295, and there are at most ${RUN_LIMIT}.`,
  });
}
