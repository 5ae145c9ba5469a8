// This build and another one in one sitting, by turns: what else the machine does meanwhile, it does to
// both. Each runs in a process of its own, and what counts is CPU time, so that waiting does not.
// Compilers decide anew in each process what to inline, which is worth 5 %: hence several processes.

import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Measured } from './contender.ts';
import { verdict } from './saved.ts';

const PROCESSES = 3;
const TURNS = 5;

/** Ratios above 1: this build is faster. Returns how many cases are slower than `tolerance` allows. */
export async function measureAgainst(
  other: string,
  chosen: readonly { readonly name: string }[],
  tolerance: number,
  write: (line: string) => void,
): Promise<number> {
  const here = join(import.meta.dirname, '../../../..');
  let slower = 0;
  for (const { name } of chosen) {
    const ratios: number[] = [];
    for (let i = 0; i < PROCESSES; i++) ratios.push(await ratio(here, other, name));
    ratios.sort((a, b) => a - b);
    const median = ratios[PROCESSES >> 1] ?? Number.NaN;
    if (Number.isNaN(median)) {
      write(`${name.padEnd(62)} the other build has no such case`);
      continue;
    }
    const isSlower = median < 1 - tolerance;
    if (isSlower) slower++;
    const range = `[${ratios.map((value) => value.toFixed(2)).join(' ')}]`;
    write(`${verdict(name, median, isSlower)}  ${range}`);
  }
  return slower;
}

/** Of the CPU times that both builds take for a case: the median of some turns. NaN: one cannot. */
async function ratio(here: string, other: string, name: string): Promise<number> {
  const contenders = [contender(here, name), contender(other, name)] as const;
  try {
    const times: [number[], number[]] = [[], []];
    for (let turn = 0; turn <= TURNS; turn++) {
      for (const which of turn % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const measured = await runOnce(contenders[which]);
        if (measured === null) return Number.NaN;
        // The first turn warms up.
        if (turn > 0) times[which].push(measured.cpu);
      }
    }
    return middle(times[1]) / middle(times[0]);
  } finally {
    for (const child of contenders) child.kill();
  }
}

function middle(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

function contender(directory: string, name: string): ChildProcess {
  return fork(join(import.meta.dirname, 'contender.js'), [directory, name], { stdio: 'inherit' });
}

function runOnce(child: ChildProcess): Promise<Measured | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('a benchmark process has ended')));
    child.once('message', (message: Measured | null) => {
      child.removeAllListeners('exit');
      resolve(message);
    });
    child.send('run');
  });
}
