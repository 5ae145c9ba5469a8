import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EgressLabError } from '../../src/base/errors.ts';
import { commands } from '../../src/cli/commands/index.ts';
import {
  COMMON_EXIT_CODES,
  EXIT_MEANINGS,
  ExitCode,
  exitCodeLines,
} from '../../src/cli/exit-code.ts';
import { parseArguments } from '../../src/cli/parser.ts';

function help(...argv: string[]): string {
  const parsed = parseArguments(argv, commands, 100);
  return parsed.kind === 'text' ? parsed.text : 'an action';
}

/** The complaint as a user reads it. */
function complaint(...argv: string[]): string {
  try {
    parseArguments(argv, commands, 100);
  } catch (error) {
    if (!(error instanceof EgressLabError)) throw error;
    expect(error).toMatchObject({ code: 'EGL_USAGE', fault: 'input' });
    return `${error.message} | ${error.hint}`;
  }
  return 'none';
}

describe('help', () => {
  test('teaches: commands, exit codes, where to start', () => {
    const text = help('--help');
    for (const { name } of commands) expect(text).toContain(`egresslab ${name}`);
    expect(text).toContain('Exit codes:');
    expect(text).toContain('Start with:  egresslab run automatic');
  });

  test('each command shows at least one example', () => {
    // `help --help` explains egresslab, as `--help` does.
    const others = commands.filter(({ name }) => name !== 'help');
    for (const { name } of others) expect(help(name, '--help')).toContain('Examples:');
  });

  test('ends with the exit codes of the very command, and names every code that its source does', () => {
    for (const { name, exitCodes } of commands.filter((each) => each.name !== 'help')) {
      const codes = [...new Set([...COMMON_EXIT_CODES, ...exitCodes])].sort((a, b) => a - b);
      const [, end = ''] = help(name, '--help').split('\nExit codes:\n');
      expect(end.split('\n').filter((line) => /^ {2}\d/.test(line))).toEqual(exitCodeLines(codes));
    }
    const folder = resolve(import.meta.dirname, '../../src/cli/commands');
    for (const { name, exitCodes } of commands) {
      const path = [`${name}.ts`, `live/${name}.ts`].find((file) => existsSync(join(folder, file)));
      // Steps and tables share a file, and the codes of all that speak to a lab.
      if (path === undefined) continue;
      const named = readFileSync(join(folder, path), 'utf8').matchAll(/ExitCode\.(\w+)/g);
      const listed: readonly number[] = [...COMMON_EXIT_CODES, ...exitCodes];
      for (const [, code = ''] of named) {
        expect(listed, `${name} ends with ${code}`).toContain(
          new Map(Object.entries(ExitCode)).get(code),
        );
      }
    }
  });

  test('and docs/reference/cli.md has the same table', () => {
    const text = readFileSync(resolve(import.meta.dirname, '../../docs/reference/cli.md'), 'utf8');
    const rows = [...text.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, code, says]) => [
      code,
      says,
    ]);
    expect(rows).toEqual(Object.entries(EXIT_MEANINGS));
  });

  test('fits 100 columns', () => {
    for (const argv of [['--help'], ...commands.map(({ name }) => [name, '--help'])]) {
      for (const line of help(...argv).split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    }
  });

  test('the version alone', () => {
    expect(help('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('mistakes are answered with what to type instead', () => {
  test.each([
    [['rnu', 'x.yaml'], '"rnu" is not a command | Did you mean "run"? Commands: run, '],
    [['topologies/a.yaml'], 'is not a command | Did you mean: egresslab run topologies/a.yaml'],
    [[], 'no command given | Start with: egresslab run automatic.'],
    [['--no-such'], '--no-such is not a command | Commands: run'],
    [['run'], 'run needs a topology file | Such as: egresslab run topologies/automatic.yaml'],
    [['run', 'a', 'b'], 'run does not accept "b" | `egresslab run --help`'],
    [['run', 'a', '--sede', '3'], 'run does not accept --sede | Did you mean --seed? '],
    [
      ['run', 'a', '--captuer-dir=x'],
      'run does not accept --captuer-dir | Did you mean --capture-dir? ',
    ],
    [['run', 'a', '--no-colour'], 'Did you mean --no-color? '],
    [['run', 'a', '--seed'], '--seed needs a value | `egresslab run --help`'],
    [['run', 'a', '--seed', '--json'], '--seed needs a value | '],
    [['run', 'a', '--seed', 'seven'], '--seed seven is not a seed | A seed is a whole number'],
    [['run', 'a', '--seed', '4294967296'], '--seed 4294967296 is not a seed'],
    [['run', 'a', '--seed', '-1'], '--seed -1 is not a seed'],
    [['run', 'a', '--seed', '1.5'], '--seed 1.5 is not a seed'],
    [['run', 'a', '--seed', '1', '--seed', '2'], '--seed was given twice | '],
    [['run', 'a', '--capture-dir', ''], '--capture-dir is empty | '],
    [['up', 'a', '--kubeconfig', ''], '--kubeconfig is empty | '],
    [['validate'], 'validate needs a topology file | '],
  ])('%j', (argv, expected) => {
    expect(complaint(...argv)).toContain(expected);
  });

  test.each([
    [['run', 'a', '--seed', '0']],
    [['run', 'a', '--seed=4294967295', '--no-color', '--quiet', '-q']],
    [['run', '1e3']],
    [['validate', 'a', 'b', '--json']],
    [['list']],
    [['schema']],
  ])('%j is no mistake', (argv) => {
    expect(parseArguments(argv, commands, 100).kind).toBe('action');
  });
});
