import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDirectory } from '../../src/platform/make-directory.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-mkdir-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('makes what is missing, and minds nothing that is there', () => {
  const path = join(directory, 'a', 'b', 'c');
  makeDirectory(path);
  makeDirectory(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

test('what is private is private all the way down', () => {
  makeDirectory(join(directory, 'a', 'b'), 0o700);
  for (const path of ['a', 'a/b']) {
    expect(statSync(join(directory, path)).mode & 0o777).toBe(0o700);
  }
});

test('does not go through a file, nor over one', () => {
  writeFileSync(join(directory, 'file'), '');
  expect(() => makeDirectory(join(directory, 'file', 'x'))).toThrow(/EEXIST|ENOTDIR/);
  expect(() => makeDirectory(join(directory, 'file'))).toThrow('EEXIST');
});

test.skipIf(!existsSync('/proc/self'))('gives up where nothing can be made', () => {
  expect(() => makeDirectory('/proc/egresslab/captures')).toThrow(/ENOENT|EACCES|EPERM/);
});
