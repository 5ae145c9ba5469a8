// A disk that takes half of each write, and then is full.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { FileSink } from '../../src/platform/file-sink.ts';

const disk = vi.hoisted(() => ({ freeBytes: Number.POSITIVE_INFINITY }));

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>();
  const writeSync = (descriptor: number, chunk: Uint8Array, offset = 0): number => {
    const half = Math.min(Math.ceil((chunk.length - offset) / 2), disk.freeBytes);
    if (half === 0) throw Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC' });
    disk.freeBytes -= half;
    return real.writeSync(descriptor, chunk, offset, half);
  };
  return { ...real, writeSync };
});

test('partial writes are continued, and a full disk is told as the matter of the machine', () => {
  const directory = fs.mkdtempSync(join(tmpdir(), 'egresslab-disk-'));
  const file = join(directory, 'x.pcapng');
  const sink = FileSink.openOnly(file, 'caps/x.pcapng');
  const chunk = Uint8Array.from({ length: 1000 }, (_, index) => index & 0xff);
  try {
    sink.write(chunk);
    expect([...fs.readFileSync(file)]).toEqual([...chunk]);

    disk.freeBytes = 300;
    expect(() => sink.write(chunk)).toThrow(
      expect.objectContaining({
        code: 'EGL_CAPTURE_WRITE',
        fault: 'environment',
        message: 'writing the capture caps/x.pcapng failed: no space left on the device',
      }),
    );
    expect(fs.readFileSync(file), 'it ends where a chunk ends').toHaveLength(1000);
  } finally {
    sink.close();
    fs.rmSync(directory, { recursive: true });
  }
});
