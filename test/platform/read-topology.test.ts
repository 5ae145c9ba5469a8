import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EgressLabError } from '../../src/base/errors.ts';
import { readTopology } from '../../src/platform/read-topology.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-read-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function failure(path: string): EgressLabError {
  try {
    readTopology(path, directory);
  } catch (error) {
    if (error instanceof EgressLabError) return error;
    throw error;
  }
  throw new Error(`${path} was read`);
}

test('reads UTF-8 relative to the working directory and drops a byte order mark', () => {
  writeFileSync(join(directory, 'lab.yaml'), '\ufeffname: größe\n');
  expect(readTopology('lab.yaml', directory)).toBe('name: größe\n');
  expect(readTopology(join(directory, 'lab.yaml'), '/')).toBe('name: größe\n');
});

test('an empty file is read as no text', () => {
  writeFileSync(join(directory, 'empty.yaml'), '');
  expect(readTopology('empty.yaml', directory)).toBe('');
});

test('a file that is not there is said so, with the nearest name beside it', () => {
  const error = failure('lba.yaml');
  expect(error).toMatchObject({ code: 'EGL_FILE_NOT_FOUND', fault: 'input' });
  expect(error.message).toBe('there is no file lba.yaml');
  expect(error.hint).toBe('Did you mean lab.yaml?');
  expect(failure('no/such/directory.yaml').hint).toContain('egresslab list');
});

test('a directory is refused and its topologies are named', () => {
  mkdirSync(join(directory, 'many'));
  for (const name of ['a.yaml', 'b.yml', 'c.txt']) writeFileSync(join(directory, 'many', name), '');
  expect(failure('many')).toMatchObject({
    code: 'EGL_FILE_IS_DIRECTORY',
    hint: 'Give a file in it: a.yaml, b.yml',
  });
});

test('a path through a file is explained in words', () => {
  expect(failure('lab.yaml/x')).toMatchObject({
    code: 'EGL_FILE_UNREADABLE',
    message: 'cannot read lab.yaml/x: a part of the path is a file, not a directory',
  });
});

test('a file of 100 MB is refused by its size, before it is read', () => {
  writeFileSync(join(directory, 'huge.yaml'), '');
  truncateSync(join(directory, 'huge.yaml'), 100 * 1024 * 1024);
  const error = failure('huge.yaml');
  expect(error.code).toBe('EGL_FILE_TOO_LARGE');
  expect(error.message).toBe('huge.yaml holds 100.0 MiB');
});

test('a device without end is refused at the limit', () => {
  expect(failure('/dev/zero').code).toBe('EGL_FILE_TOO_LARGE');
});

test('text that is not UTF-8 is refused, and UTF-16 is recognized', () => {
  writeFileSync(join(directory, 'latin1.yaml'), Buffer.from('name: gr\xf6\xdfe\n', 'latin1'));
  writeFileSync(join(directory, 'utf16.yaml'), Buffer.from('\ufeffname: x\n', 'utf16le'));
  expect(failure('latin1.yaml')).toMatchObject({ code: 'EGL_FILE_NOT_UTF8' });
  expect(failure('utf16.yaml').hint).toContain('UTF-16');
});
