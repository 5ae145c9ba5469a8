// `npm run bench`: every case, the median of several runs, and the machine they ran on. Give the
// numbers of cases to run only those: `npm run bench -- 1 4`.
//
//   --json file      writes the run as JSON ('-': to standard output, and nothing else)
//   --compare file   beside a run that was saved with --json
//   --against dir    beside another checkout whose benchmarks are built, by turns in one sitting
//   --tolerance n    how much slower than the other is still the same; 0.03 when not given
//
// Comparing ends with status 1 if a case is slower.

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { measureAgainst } from './against.ts';
import { cases, numberOf } from './cases.ts';
import { measure } from './measure.ts';
import { compare, type Result, readSaved } from './saved.ts';

const RUNS = 5;
/** Cases that tell their own peak memory run in processes of their own. */
const ALONE = [
  ['6', './failover.js'],
  ['15', './ovn-zones.js'],
] as const;

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    compare: { type: 'string' },
    against: { type: 'string' },
    tolerance: { type: 'string', default: '0.03' },
  },
});
const tolerance = Number(values.tolerance);
if (!(tolerance >= 0)) throw new Error(`--tolerance takes a number, not ${values.tolerance}`);
const chosen = cases.filter((one) => wanted.length === 0 || wanted.includes(numberOf(one)));
const quiet = values.json === '-';

function write(line: string): void {
  if (!quiet) process.stdout.write(`${line}\n`);
}

function figure(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `Node.js ${process.version}, ${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}, ${memory} GiB, ${process.platform}`;
}

async function measureAll(): Promise<Result[]> {
  write(`${machine()}\nmedian of ${RUNS} runs [lowest .. highest]\n`);
  const results: Result[] = [];
  for (const { name, unit, aim, run } of chosen) {
    const measured = await measure(run, RUNS);
    results.push({ name, unit, ...measured });
    const { median, lowest, highest } = measured;
    const range = `[${figure(lowest)} .. ${figure(highest)}]`;
    write(
      `${name.padEnd(62)} ${figure(median).padStart(10)} ${unit.padEnd(14)} ${range.padEnd(24)} aim ${aim}`,
    );
  }
  for (const [number, script] of ALONE) {
    if (wanted.length === 0 || wanted.includes(number)) await runAlone(script);
  }
  return results;
}

async function runAlone(name: string): Promise<void> {
  const script = new URL(name, import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [script.pathname]);
  write(stdout.trimEnd());
}

function save(path: string, results: readonly Result[]): void {
  const text = `${JSON.stringify({ machine: machine(), results }, null, 2)}\n`;
  if (quiet) process.stdout.write(text);
  else writeFileSync(path, text);
}

async function main(): Promise<void> {
  if (values.against !== undefined) {
    write(`times as fast as ${values.against}, of the CPU time [each pair of processes]\n`);
    const slower = await measureAgainst(values.against, chosen, tolerance, write);
    if (slower > 0) process.exitCode = 1;
    return;
  }
  const saved = values.compare === undefined ? null : readSaved(values.compare);
  const results = await measureAll();
  if (values.json !== undefined) save(values.json, results);
  if (saved === null) return;
  if (saved.machine !== machine()) write(`\nthe saved run is of another machine: ${saved.machine}`);
  const { lines, slower } = compare(saved, results, tolerance);
  write(`\ntimes as fast as ${values.compare}\n${lines.join('\n')}`);
  if (slower > 0) process.exitCode = 1;
}

await main();
