import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EgressLabError } from '../../src/base/errors.ts';
import { CaptureDirectory } from '../../src/platform/capture-directory.ts';
import { FileSink } from '../../src/platform/file-sink.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-captures-'));
});
afterEach(() => {
  chmodSync(directory, 0o755);
  rmSync(directory, { recursive: true });
});

function failureOf(action: () => unknown): EgressLabError {
  try {
    action();
  } catch (error) {
    if (error instanceof EgressLabError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('FileSink', () => {
  test('each chunk is in the file as soon as it was written', () => {
    const file = join(directory, 'x.pcapng');
    const sink = new FileSink(file, 'x.pcapng');
    sink.write(Uint8Array.of(1, 2, 3));
    expect([...readFileSync(file)]).toEqual([1, 2, 3]);
    sink.write(new Uint8Array(100_000).fill(7));
    expect(readFileSync(file)).toHaveLength(100_003);
    sink.close();
    sink.close();
  });

  test('a file that is there keeps its content until the first byte', () => {
    const file = join(directory, 'x.pcapng');
    writeFileSync(file, 'the capture of yesterday');
    const sink = new FileSink(file, 'x.pcapng');
    expect(readFileSync(file, 'utf8')).toBe('the capture of yesterday');
    sink.write(Uint8Array.of(0x41));
    sink.close();
    expect(readFileSync(file, 'utf8')).toBe('A');
  });

  test('abandoning leaves the directory as it was found', () => {
    const old = join(directory, 'old.pcapng');
    writeFileSync(old, 'old');
    new FileSink(old, 'old.pcapng').abandon();
    new FileSink(join(directory, 'new.pcapng'), 'new.pcapng').abandon();
    expect(readFileSync(old, 'utf8')).toBe('old');
    expect(readdirSync(directory)).toEqual(['old.pcapng']);
  });

  test('a directory or a pipe in the place of the file is refused', () => {
    mkdirSync(join(directory, 'x.pcapng'));
    const error = failureOf(() => new FileSink(join(directory, 'x.pcapng'), 'caps/x.pcapng'));
    expect(error).toMatchObject({ code: 'EGL_CAPTURE_UNWRITABLE', fault: 'input' });
    expect(error.message).toBe('cannot write the capture caps/x.pcapng: it is a directory');
    expect(failureOf(() => new FileSink('/dev/null', '/dev/null')).message).toContain(
      'it is not a regular file',
    );
  });
});

describe('CaptureDirectory', () => {
  test('makes the directory, and names captures as the user would', () => {
    const captures = new CaptureDirectory('a/b', directory);
    const { path, sink } = captures.open({ fileName: 'lab.pcapng', format: 'pcapng' });
    sink.write(Uint8Array.of(1));
    sink.close();
    captures.close();
    expect(path).toBe('a/b/lab.pcapng');
    expect(existsSync(join(directory, 'a', 'b', 'lab.pcapng'))).toBe(true);
  });

  test('a directory that cannot be made is told with what to do', () => {
    writeFileSync(join(directory, 'file'), '');
    const captures = new CaptureDirectory('file/captures', directory);
    const error = failureOf(() => captures.open({ fileName: 'lab.pcapng', format: 'pcapng' }));
    expect(error).toMatchObject({ code: 'EGL_CAPTURE_DIRECTORY', fault: 'input' });
    expect(error.message).toContain('file/captures');
    expect(error.hint).toContain('--capture-dir');
  });

  test('closing removes what was made and never written to', () => {
    const captures = new CaptureDirectory('.', directory);
    captures.open({ fileName: 'a.pcapng', format: 'pcapng' });
    captures.open({ fileName: 'b.pcapng', format: 'pcapng' }).sink.write(Uint8Array.of(1));
    captures.close();
    expect(readdirSync(directory)).toEqual(['b.pcapng']);
  });
});
