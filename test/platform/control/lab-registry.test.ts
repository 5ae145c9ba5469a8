// Labs that run, labs that were killed, and the files that must not outlive them.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KUBECONFIG_MARK, writeKubeconfig } from '../../../src/platform/api-server/kubeconfig.ts';
import type { LabEntry } from '../../../src/platform/control/lab-entry.ts';
import {
  dropLab,
  findLab,
  labDirectory,
  registerLab,
  removeLab,
  runningLabs,
  sweep,
  updateLab,
} from '../../../src/platform/control/lab-registry.ts';
import { isRunning, processStart } from '../../../src/platform/control/process-start.ts';
import {
  claimRuntimeDirectory,
  runtimeDirectory,
} from '../../../src/platform/control/runtime-directory.ts';

let home = '';
let directory = '';
let environment: { XDG_RUNTIME_DIR: string } = { XDG_RUNTIME_DIR: '' };
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'egresslab-registry-'));
  environment = { XDG_RUNTIME_DIR: home };
  directory = claimRuntimeDirectory(environment);
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

/** A lab of this process, with its secrets in place. */
function lab(name: string, changes: Partial<LabEntry> = {}): LabEntry {
  const secrets = labDirectory(directory, name);
  mkdirSync(secrets, { mode: 0o700 });
  writeFileSync(join(secrets, 'token'), `token of ${name}`);
  writeFileSync(join(secrets, 'kubeconfig'), `${KUBECONFIG_MARK}token: token of ${name}`);
  return {
    schemaVersion: 1,
    name,
    id: `id-${name}`,
    pid: process.pid,
    processStart: processStart(process.pid),
    port: 4711,
    tokenFile: join(secrets, 'token'),
    certificateFile: join(secrets, 'certificate.pem'),
    kubeconfig: join(secrets, 'kubeconfig'),
    topology: 'lab.yaml',
    startedAt: '2026-01-01T00:00:00Z',
    ...changes,
  };
}

/** No process has it: the kernel's numbers end before. */
const NOBODY = 2 ** 22 + 1;

describe('the registry', () => {
  test('names the labs that run, by name', () => {
    const entries = ['red', 'blue'].map((name) => lab(name));
    for (const entry of entries) registerLab(directory, entry);
    expect(runningLabs(environment).map(({ name }) => name)).toEqual(['blue', 'red']);
    expect(findLab('red', environment)).toEqual(entries[0]);
    for (const file of readdirSync(directory).filter((name) => name.endsWith('.lab'))) {
      expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
    }
  });

  test('asks which one, when several run; and guesses', () => {
    expect(() => findLab(null, environment)).toThrow(
      expect.objectContaining({
        code: 'EGL_NO_LAB',
        hint: expect.stringContaining('egresslab up'),
      }),
    );
    registerLab(directory, lab('red'));
    expect(findLab(null, environment).name).toBe('red');
    registerLab(directory, lab('blue'));
    expect(() => findLab(null, environment)).toThrow(
      expect.objectContaining({
        code: 'EGL_WHICH_LAB',
        hint: 'Choose one with --lab blue or --lab red',
      }),
    );
    expect(() => findLab('bleu', environment)).toThrow(
      expect.objectContaining({
        code: 'EGL_UNKNOWN_LAB',
        hint: 'Did you mean "blue"? Running: blue, red.',
      }),
    );
  });

  test('gives a name to one lab at a time', () => {
    registerLab(directory, lab('red'));
    const second: LabEntry = { ...findLab('red', environment), id: 'another' };
    expect(() => registerLab(directory, second)).toThrow(
      expect.objectContaining({ code: 'EGL_LAB_RUNNING' }),
    );
    expect(findLab('red', environment).id).toBe('id-red');
    expect(readdirSync(directory).sort()).toEqual(['red.d', 'red.lab']);
  });

  test.each([
    ['its process is gone', { pid: NOBODY }],
    ['its number belongs to a later process', { processStart: '1' }],
  ])('a lab that was killed is cleared away: %s', (_why, changes) => {
    const outside = join(home, 'elsewhere.yaml');
    const entry = lab('dead', { ...changes, kubeconfig: outside });
    writeFileSync(outside, `${KUBECONFIG_MARK}token: token of dead`);
    registerLab(directory, entry);
    expect(runningLabs(environment)).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
    expect(existsSync(outside)).toBe(false);
    registerLab(directory, lab('dead'));
    expect(runningLabs(environment)).toHaveLength(1);
  });

  test('what somebody else wrote in the meantime stays', () => {
    const outside = join(home, 'mine.yaml');
    const entry = lab('red', { kubeconfig: outside });
    registerLab(directory, entry);
    writeFileSync(outside, 'a kubeconfig of my own with token of red in it');
    removeLab(directory, entry);
    expect(readFileSync(outside, 'utf8')).toContain('my own');
    expect(runningLabs(environment)).toEqual([]);
  });

  test('what is no entry is left alone', () => {
    for (const [file, text] of [
      ['half.lab', '{"name": "half"'],
      ['other.lab', '{"schemaVersion": 2}'],
      ['notes.txt', 'hello'],
    ] as const) {
      writeFileSync(join(directory, file), text);
    }
    const sly = lab('sly', { name: '../sly', pid: NOBODY });
    writeFileSync(join(directory, 'sly.lab'), JSON.stringify(sly));
    expect(runningLabs(environment)).toEqual([]);
    expect(readdirSync(directory)).toHaveLength(5);
  });

  test('labs whose names look like files of each other do not meet', () => {
    const names = ['x', 'x.json', 'x.lab', 'x.d', '1234', 'x.lab.d'];
    // What a run with network namespaces keeps in the same directory.
    writeFileSync(join(directory, '1234.json'), '{}');
    for (const name of names) registerLab(directory, lab(name));
    const found = runningLabs(environment);
    expect(found.map(({ name }) => name)).toEqual([...names].sort());
    for (const { name, tokenFile } of found) {
      expect(readFileSync(tokenFile, 'utf8')).toBe(`token of ${name}`);
    }
    for (const entry of found.slice(1)) removeLab(directory, entry);
    expect(runningLabs(environment)).toEqual(found.slice(0, 1));
    expect(existsSync(found[0]?.tokenFile ?? '')).toBe(true);
  });

  test('a sweep takes what no running lab owns, and nothing else', () => {
    registerLab(directory, lab('red'));
    lab('orphan');
    writeFileSync(join(directory, 'half.lab'), '{"name": "half"');
    writeFileSync(join(directory, '.0123456789abcdef'), 'a draft');
    writeFileSync(join(directory, 'notes.txt'), 'hello');
    sweep(environment);
    expect(readdirSync(directory).sort()).toEqual(['notes.txt', 'red.d', 'red.lab']);
  });

  test('a lab whose process lives is not dropped', () => {
    const red = lab('red');
    registerLab(directory, red);
    dropLab(red, environment);
    expect(runningLabs(environment)).toHaveLength(1);
  });

  test('an entry changes as a whole', () => {
    const entry = lab('red', { port: null });
    registerLab(directory, entry);
    updateLab(directory, { ...entry, port: 4712 });
    expect(findLab('red', environment).port).toBe(4712);
  });
});

describe('the directory', () => {
  test('is ours alone, or it is not used', () => {
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    chmodSync(directory, 0o755);
    expect(() => claimRuntimeDirectory(environment)).toThrow(
      expect.objectContaining({ code: 'EGL_RUNTIME_DIRECTORY', fault: 'environment' }),
    );
    expect(runningLabs(environment)).toEqual([]);
    rmSync(directory, { recursive: true });
    symlinkSync(home, directory);
    expect(() => claimRuntimeDirectory(environment)).toThrow('only you can enter');
  });

  test('without XDG_RUNTIME_DIR is one of the user’s own among the temporary files', () => {
    const fallback = runtimeDirectory({});
    expect(fallback.startsWith(join(tmpdir(), 'egresslab-'))).toBe(true);
    expect(runtimeDirectory({ XDG_RUNTIME_DIR: join(home, 'none') })).toBe(fallback);
  });
});

describe('processes', () => {
  test('are told apart by number and start', () => {
    const start = processStart(process.pid);
    expect(isRunning(process.pid, start)).toBe(true);
    expect(isRunning(NOBODY, null)).toBe(false);
    if (start !== null) expect(isRunning(process.pid, `${start}0`)).toBe(false);
    expect(isRunning(1, processStart(1))).toBe(true);
  });
});

describe('a kubeconfig', () => {
  const content = { lab: 'red', server: 'https://127.0.0.1:1', certificate: 'x', token: 'secret' };

  test('is written for its owner alone, again and again', () => {
    const file = join(home, 'deep', 'kubeconfig');
    writeKubeconfig(file, content);
    writeKubeconfig(file, { ...content, token: 'another' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('token: another');
  });

  test('never takes the place of one that is not ours', () => {
    const file = join(home, 'config');
    writeFileSync(file, 'apiVersion: v1');
    expect(() => writeKubeconfig(file, content)).toThrow(
      expect.objectContaining({ code: 'EGL_KUBECONFIG', fault: 'input' }),
    );
    expect(readFileSync(file, 'utf8')).toBe('apiVersion: v1');
    expect(() => writeKubeconfig(home, content)).toThrow(
      expect.objectContaining({ code: 'EGL_KUBECONFIG' }),
    );
  });
});
