// Programs that some tests compare the lab with. A test whose program is missing is skipped with one
// line that says so, except where EGRESSLAB_REQUIRE_KERNEL=1 (CI): there it fails.

import { spawnSync } from 'node:child_process';

/** What to append to a suite's title, and whether to skip it. */
export interface ToolState {
  readonly skip: boolean;
  readonly remark: string;
}

/** Looks whether all `programs` can be started with `--version`. */
export function requireTools(...programs: readonly string[]): ToolState {
  const missing = programs.filter(
    (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined,
  );
  if (missing.length === 0 || process.env.EGRESSLAB_REQUIRE_KERNEL === '1') {
    return { skip: false, remark: '' };
  }
  return { skip: true, remark: ` (skipped: ${missing.join(', ')} not installed)` };
}

/** Runs a program to its end. @throws Error with what it said when it fails. */
export function run(program: string, ...parameters: readonly string[]): string {
  const result = spawnSync(program, parameters, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) {
    throw new Error(`${program} ended with ${result.status ?? result.signal}: ${result.stderr}`);
  }
  return result.stdout;
}
