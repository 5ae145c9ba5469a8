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
import { EgressLabError } from '../../src/base/errors.ts';
import { CAPTURE_FORMATS } from '../../src/capture/formats/index.ts';
import { CaptureDirectory } from '../../src/platform/capture-directory.ts';
import { sudoCaller } from '../../src/platform/file-owner.ts';
import { FileSink } from '../../src/platform/file-sink.ts';

/** What a capture in the text format begins with. */
const OWN = '# egresslab 0.1.0, topology lab, digest 1234, seed 1\n';

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
    const sink = FileSink.openOnly(file, 'x.pcapng');
    sink.write(Uint8Array.of(1, 2, 3));
    expect([...readFileSync(file)]).toEqual([1, 2, 3]);
    sink.write(new Uint8Array(100_000).fill(7));
    expect(readFileSync(file)).toHaveLength(100_003);
    sink.close();
    sink.close();
  });

  test('a capture that is there keeps its content until the first byte', () => {
    const file = join(directory, 'x.txt');
    writeFileSync(file, OWN);
    const sink = FileSink.openOnly(file, 'x.txt');
    expect(readFileSync(file, 'utf8')).toBe(OWN);
    sink.write(Uint8Array.of(0x41));
    sink.close();
    expect(readFileSync(file, 'utf8')).toBe('A');
  });

  test('abandoning leaves the directory as it was found', () => {
    const old = join(directory, 'old.txt');
    writeFileSync(old, OWN);
    FileSink.openOnly(old, 'old.txt').abandon();
    FileSink.openOnly(join(directory, 'new.pcapng'), 'new.pcapng').abandon();
    expect(readFileSync(old, 'utf8')).toBe(OWN);
    expect(readdirSync(directory)).toEqual(['old.txt']);
  });

  test('what somebody else has made is refused and left alone; captures of ours and empty files are not', () => {
    const file = join(directory, 'x.pcapng');
    const foreign = [
      'my notes',
      // A section header of another program, and a pcap of tcpdump --time-stamp-precision=nano.
      Uint8Array.from([
        10, 13, 13, 10, 28, 0, 0, 0, 77, 60, 43, 26, 1, 0, 0, 0, 255, 255, 255, 255,
      ]),
      Uint8Array.from([
        0x4d,
        0x3c,
        0xb2,
        0xa1,
        2,
        0,
        4,
        0,
        ...new Array(8).fill(0),
        0,
        0,
        4,
        0,
        1,
        0,
        0,
        0,
      ]),
    ];
    for (const content of foreign) {
      writeFileSync(file, content);
      const error = failureOf(() => FileSink.openOnly(file, 'caps/x.pcapng'));
      expect(error).toMatchObject({ code: 'EGL_CAPTURE_FOREIGN', fault: 'input' });
      expect(readFileSync(file)).toEqual(Buffer.from(content));
    }
    expect(readdirSync(directory), 'no lock stays').toEqual(['x.pcapng']);
    for (const format of CAPTURE_FORMATS) {
      rmSync(file);
      const metadata = {
        application: 'egresslab 9.9',
        lab: 'l',
        seed: 1,
        digest: 'd',
        command: 'c',
      };
      for (let again = 0; again < 2; again++) {
        const sink = format.open(FileSink.openOnly(file, 'x'), metadata);
        sink.addInterface({ name: 'a/eth0', description: '', bitsPerSecond: null });
        sink.close(0);
      }
    }
    writeFileSync(file, '');
    FileSink.openOnly(file, 'x').close();
  });

  test('nothing is written through a symbolic link', () => {
    const target = join(directory, 'target');
    const link = join(directory, 'x.pcapng');
    writeFileSync(target, '');
    symlinkSync(target, link);
    const error = failureOf(() => FileSink.openOnly(link, 'x.pcapng'));
    expect(error.message).toBe(
      'cannot write the capture x.pcapng: it is a symbolic link, or one of too many',
    );
    // One that dangles would create what it names.
    rmSync(target);
    expect(failureOf(() => FileSink.openOnly(link, 'x.pcapng')).code).toBe(
      'EGL_CAPTURE_UNWRITABLE',
    );
    expect(existsSync(target)).toBe(false);
  });

  test('a file that is being written is nobody elses; what the dead have claimed is free', () => {
    const file = join(directory, 'x.pcapng');
    const first = FileSink.openOnly(file, 'x.pcapng');
    first.write(Uint8Array.of(1));
    expect(FileSink.open(file, 'x.pcapng')).toBe(null);
    expect(failureOf(() => FileSink.openOnly(file, 'x.pcapng')).code).toBe('EGL_CAPTURE_BUSY');
    expect([...readFileSync(file)]).toEqual([1]);
    first.close();
    expect(readdirSync(directory)).toEqual(['x.pcapng']);
    rmSync(file);
    // No process has this number, and nobody who has ours started then.
    writeFileSync(join(directory, '.x.pcapng.4194305-7-0.lock'), '');
    writeFileSync(join(directory, `.x.pcapng.${process.pid}-7-0.lock`), '');
    FileSink.openOnly(file, 'x.pcapng').close();
  });

  test.runIf(process.getuid?.() === 0)(
    'a file and its directory are of whoever called sudo',
    () => {
      const owner = sudoCaller({ SUDO_UID: '1234', SUDO_GID: '2345' });
      const { sink } = new CaptureDirectory('a/b', directory, owner).open({
        fileName: 'x.pcapng',
        format: 'pcapng',
      });
      sink.close();
      for (const made of ['a', 'a/b', 'a/b/x.pcapng']) {
        expect(statSync(join(directory, made)), made).toMatchObject({ uid: 1234, gid: 2345 });
      }
      expect(sudoCaller({})).toBe(null);
      expect(sudoCaller({ SUDO_UID: 'root', SUDO_GID: '0' })).toBe(null);
    },
  );

  test('a directory or a pipe in the place of the file is refused', () => {
    mkdirSync(join(directory, 'x.pcapng'));
    const error = failureOf(() => FileSink.openOnly(join(directory, 'x.pcapng'), 'caps/x.pcapng'));
    expect(error).toMatchObject({ code: 'EGL_CAPTURE_UNWRITABLE', fault: 'input' });
    expect(error.message).toBe('cannot write the capture caps/x.pcapng: it is a directory');
    expect(failureOf(() => FileSink.openOnly('/dev/null', '/dev/null')).message).toContain(
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

  test('two labs in one directory write two files', () => {
    const one = new CaptureDirectory('.', directory);
    const two = new CaptureDirectory('.', directory);
    const request = { fileName: 'lab.pcapng', format: 'pcapng' } as const;
    const first = one.open(request);
    const second = two.open(request);
    first.sink.write(Uint8Array.of(1));
    second.sink.write(Uint8Array.of(2));
    one.close();
    two.close();
    expect([first.path, second.path]).toEqual(['lab.pcapng', 'lab-2.pcapng']);
    expect([...readFileSync(join(directory, 'lab.pcapng'))]).toEqual([1]);
    expect([...readFileSync(join(directory, 'lab-2.pcapng'))]).toEqual([2]);
  });

  test('what killed labs have left in the directory is cleared away', () => {
    writeFileSync(join(directory, '.other.pcapng.4194305-7-0.lock'), '');
    new CaptureDirectory('.', directory)
      .open({ fileName: 'a.pcapng', format: 'pcapng' })
      .sink.close();
    expect(readdirSync(directory)).toEqual(['a.pcapng']);
  });

  test('a ring removes its oldest file, what an earlier ring has left, and nothing else', () => {
    const own = Buffer.from('# egresslab 0.1.0, topology lab\n');
    const request = { fileName: 'lab.txt', format: 'text', files: 2 } as const;
    for (const name of ['lab_00001.txt', 'lab_00007.txt', 'lab_7.txt', 'other_00001.txt']) {
      writeFileSync(join(directory, name), own);
    }
    writeFileSync(join(directory, 'lab_00009.txt'), 'notes of somebody');
    symlinkSync('other_00001.txt', join(directory, 'lab_00008.txt'));
    const one = new CaptureDirectory('.', directory);
    const first = one.open(request);
    // Not before there is something to put in their place.
    expect(readdirSync(directory)).toContain('lab_00007.txt');
    first.sink.write(own);
    expect(readdirSync(directory)).not.toContain('lab_00007.txt');
    // Another lab has a ring of its own meanwhile.
    const two = new CaptureDirectory('.', directory);
    expect(two.open(request).path).toBe('lab-2_00001.txt');
    two.close();
    expect([first.next?.(), first.next?.(), first.next?.()].map((next) => next?.path)).toEqual([
      'lab_00002.txt',
      'lab_00003.txt',
      'lab_00004.txt',
    ]);
    one.close();
    const left = ['lab_00008.txt', 'lab_00009.txt', 'lab_7.txt', 'other_00001.txt'];
    expect(readdirSync(directory)).toEqual(left);
    expect(readFileSync(join(directory, 'lab_00009.txt'), 'utf8')).toBe('notes of somebody');
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
