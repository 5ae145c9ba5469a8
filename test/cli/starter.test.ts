import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { type FakeIo, fakeIo } from './fake-io.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-init-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function cli(...words: string[]): Promise<FakeIo & { readonly code: number }> {
  const io = fakeIo({ workingDirectory: directory });
  return { ...io, code: await run(words, io, runScenario) };
}

describe('egresslab init', () => {
  test('writes a topology that is valid and whose expectations hold', async () => {
    expect(await cli('init')).toMatchObject({ code: 0 });
    expect(readFileSync(join(directory, 'lab.yaml'), 'utf8')).toMatch(/^# A network lab/);
    expect((await cli('validate', 'lab.yaml')).out()).toMatch(/^ok {4}lab\.yaml/);
    const played = await cli('run', 'lab.yaml', '--no-capture');
    expect(played.out()).toContain('3 of 3 expectations hold');
    expect(played.code).toBe(0);
  });

  test('says in the file and on the terminal how to play it under its name', async () => {
    expect((await cli('init', 'my lab.yaml')).out()).toContain("egresslab run 'my lab.yaml'");
    const text = readFileSync(join(directory, 'my lab.yaml'), 'utf8');
    expect(text).toContain("egresslab up 'my lab.yaml'");
    expect(text).not.toMatch(/(?<!my )lab\.yaml/);
  });

  test('never writes over a file', async () => {
    await cli('init');
    const before = readFileSync(join(directory, 'lab.yaml'));
    const again = await cli('init');
    expect(again.code).toBe(2);
    expect(again.err()).toContain('EGL_FILE_EXISTS: lab.yaml already exists');
    expect(readFileSync(join(directory, 'lab.yaml'))).toEqual(before);
  });

  test('says why a file cannot be written', async () => {
    const failed = await cli('init', 'nowhere/lab.yaml');
    expect(failed.code).toBe(2);
    expect(failed.err()).toContain('EGL_FILE_UNWRITABLE: cannot write nowhere/lab.yaml');
    for (const name of ['', '-']) {
      expect((await cli('init', name)).err()).toContain(`"${name}" is not the name of a new file`);
    }
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('egresslab graph', () => {
  test('prints Mermaid, or DOT when asked', async () => {
    await cli('init');
    expect((await cli('graph', 'lab.yaml')).out()).toMatch(
      /^---\ntitle: "starter"\n---\nflowchart LR\n/,
    );
    expect((await cli('graph', 'lab.yaml', '--format', 'dot')).out()).toMatch(
      /^graph "starter" \{/,
    );
  });

  test('reports what is wrong with the topology', async () => {
    const io = await cli('graph', 'nothing.yaml');
    expect(io.code).toBe(2);
    expect(io.err()).toContain('EGL_FILE_NOT_FOUND');
  });
});

describe('egresslab help', () => {
  test('is --help', async () => {
    expect((await cli('help', 'run')).out()).toBe((await cli('run', '--help')).out());
    expect((await cli('help')).out()).toBe((await cli('--help')).out());
    expect((await cli('help')).out()).toContain('Exit codes:');
  });

  test('knows commands only, one at a time', async () => {
    expect((await cli('help', 'validat')).err()).toContain('Did you mean "validate"?');
    expect((await cli('help', 'run', 'up')).err()).toContain('one command at a time');
  });
});
