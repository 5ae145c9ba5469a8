// `npm run bench`: every case, the median of several runs, and the machine they ran on. Give the
// numbers of cases to run only those: `npm run bench -- 1 4`.

import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { controlPlane } from './control-plane.ts';
import { dataPath } from './data-path.ts';
import { live } from './live.ts';
import { type Case, measure } from './measure.ts';

const RUNS = 5;
const cases: readonly Case[] = [...dataPath, ...controlPlane, ...live];

function figure(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `Node.js ${process.version}, ${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}, ${memory} GiB, ${process.platform}`;
}

const wanted = process.argv.slice(2);
const chosen = cases.filter(
  ({ name }) => wanted.length === 0 || wanted.includes(name.split(' ', 1)[0] ?? ''),
);
process.stdout.write(`${machine()}\nmedian of ${RUNS} runs [lowest .. highest]\n\n`);
for (const { name, unit, aim, run } of chosen) {
  const { median, lowest, highest } = await measure(run, RUNS);
  const range = `[${figure(lowest)} .. ${figure(highest)}]`;
  process.stdout.write(
    `${name.padEnd(52)} ${figure(median).padStart(10)} ${unit.padEnd(14)} ${range.padEnd(24)} aim ${aim}\n`,
  );
}
if (wanted.length === 0 || wanted.includes('6')) await runFailover();

async function runFailover(): Promise<void> {
  const script = new URL('./failover.js', import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [script.pathname]);
  process.stdout.write(stdout);
}
