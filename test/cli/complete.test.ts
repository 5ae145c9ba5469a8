import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { complete, type OperandNames } from '../../src/cli/complete.ts';
import { COMPLETION_SCRIPTS } from '../../src/cli/completion-scripts.ts';
import { run } from '../../src/cli/run.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { requireTools } from '../support/tools.ts';
import { fakeIo } from './fake-io.ts';

const NAMES: OperandNames = {
  cable: () => ['db/eth0', 'lan-dmz'],
  command: () => ['run', 'up'],
  flow: () => ['web-to-db'],
  lab: () => ['automatic'],
  machine: () => ['db', 'worker01'],
  segment: () => ['lan'],
  shell: () => ['bash', 'zsh', 'fish'],
  topology: () => ['automatic', 'nat'],
};

function completed(...words: string[]): string[] {
  return complete(words, commands, NAMES);
}

describe('what completes a command line', () => {
  test.each<[string[], string[]]>([
    [['va'], ['validate']],
    [['--v'], ['--version']],
    [['run', 'na'], ['nat']],
    [
      ['run', 'nat', '--se'],
      ['--seed', '--seeds', '--set'],
    ],
    [
      ['fail', ''],
      ['db', 'worker01'],
    ],
    [
      ['fail', 'db', '--h'],
      ['--help', '--how'],
    ],
    [['link', 'db'], ['db/eth0']],
    [['fdb', ''], ['lan']],
    [['start', ''], ['web-to-db']],
    [['arp', '--lab', ''], ['automatic']],
    [['completion', 'z'], ['zsh']],
    [['help', 'u'], ['up']],
    // Files, which the shell knows better, and what nobody knows.
    [['init', ''], []],
    [['nonsense', ''], []],
  ])('%j', (words, expected) => {
    expect(completed(...words)).toEqual(expected);
  });

  test('is every command when nothing is typed yet', () => {
    expect(completed('')).toEqual(commands.map(({ name }) => name));
  });

  test('names no topologies or machines until they are asked for', () => {
    const never = (): never => {
      throw new Error('looked up');
    };
    const names = Object.fromEntries(Object.keys(NAMES).map((kind) => [kind, never]));
    expect(complete(['r'], commands, { ...NAMES, ...names })).toContain('run');
    expect(complete(['run', '--j'], commands, { ...NAMES, ...names })).toEqual(['--json']);
  });
});

describe('egresslab completion', () => {
  test.each(['bash', 'zsh', 'fish'] as const)('prints the script for %s', async (shell) => {
    const io = fakeIo();
    expect(await run(['completion', shell], io, runScenario)).toBe(0);
    expect(io.out()).toBe(COMPLETION_SCRIPTS[shell]);
  });

  test('answers the script with a word a line', async () => {
    const io = fakeIo();
    expect(await run(['completion', '--', 'run', 'duplicate-i'], io, runScenario)).toBe(0);
    expect(io.out()).toBe('duplicate-ip\n');
  });
});

describe('the scripts in their shells', () => {
  let directory = '';
  let environment: NodeJS.ProcessEnv = {};

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'egresslab-completion-'));
    for (const [shell, script] of Object.entries(COMPLETION_SCRIPTS)) {
      writeFileSync(join(directory, shell), script);
    }
    // Stands in for the program: says what it was asked, a word a line.
    const stub = join(directory, 'egresslab');
    writeFileSync(stub, '#!/bin/sh\nprintf "[%s]\\n" "$@"\n');
    chmodSync(stub, 0o755);
    environment = { ...process.env, PATH: `${directory}${delimiter}${process.env.PATH}` };
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const shells = {
    bash: requireTools('bash'),
    zsh: requireTools('zsh'),
    fish: requireTools('fish'),
  };

  test.skipIf(shells.bash.skip)(
    `bash asks with the words up to the cursor${shells.bash.remark}`,
    () => {
      const typed = 'COMP_WORDS=(egresslab run "" more); COMP_CWORD=2; _egresslab';
      const print = `printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = spawnSync('bash', ['-c', `. ${directory}/bash; ${typed}; ${print}`], {
        encoding: 'utf8',
        env: environment,
      });
      expect(stdout).toBe('[completion]\n[--]\n[run]\n[]\n');
    },
  );

  test.skipIf(shells.zsh.skip)(`zsh reads its script${shells.zsh.remark}`, () => {
    expect(spawnSync('zsh', ['-n', join(directory, 'zsh')], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  test.skipIf(shells.fish.skip)(
    `fish asks with the words up to the cursor${shells.fish.remark}`,
    () => {
      const script = `source ${directory}/fish; complete -C 'egresslab run '`;
      const { stdout } = spawnSync('fish', ['-c', script], { encoding: 'utf8', env: environment });
      for (const word of ['[completion]', '[--]', '[run]', '[]']) expect(stdout).toContain(word);
    },
  );
});
