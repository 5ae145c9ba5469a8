// One build in a process of its own: runs one case each time it is asked to. Loads the cases from the
// modules that every version of the benchmarks has had.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Case } from './measure.ts';

/** One run: what the case says of itself, and the CPU time that it took, in milliseconds. */
export interface Measured {
  readonly figure: number;
  readonly cpu: number;
}

const MODULES = { 'data-path': 'dataPath', 'control-plane': 'controlPlane', live: 'live' } as const;

const [directory = '', name = ''] = process.argv.slice(2);
const chosen = await find();

process.on('message', () => {
  void runOnce().then((measured) => process.send?.(measured));
});

async function runOnce(): Promise<Measured | null> {
  if (chosen === null) return null;
  const before = process.cpuUsage();
  const figure = await chosen.run();
  const { user, system } = process.cpuUsage(before);
  return { figure, cpu: (user + system) / 1000 };
}

async function find(): Promise<Case | null> {
  for (const [file, list] of Object.entries(MODULES)) {
    const path = join(directory, 'out/bench/test/bench', `${file}.js`);
    const module: Record<string, readonly Case[]> = await import(pathToFileURL(path).href);
    const found = module[list]?.find((other) => other.name === name);
    if (found !== undefined) return found;
  }
  return null;
}
