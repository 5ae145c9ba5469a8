// Captures of others: what tcpdump, dumpcap, editcap and older programs wrote, and files that are damaged.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guessOf, kindOf, readerFor } from '../../../src/capture/reading/capture-reader.ts';
import { StampReader } from '../../../src/capture/reading/pcapng-time.ts';
import type { Notice } from '../../../src/capture/reading/record.ts';
import { openCapture } from '../../../src/platform/capture-file.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/captures');

interface Read {
  frames: number;
  octets: number;
  times: number[];
  names: Record<string, string>;
  interfaces: (string | null)[];
  dropped: (number | null)[];
  notices: Notice[];
  comments: number;
}

function collector(): { read: Read; listener: Parameters<typeof readerFor>[1] } {
  const read: Read = {
    frames: 0,
    octets: 0,
    times: [],
    names: {},
    interfaces: [],
    dropped: [],
    notices: [],
    comments: 0,
  };
  const infos: { dropped: number | null }[] = [];
  return {
    get read() {
      read.dropped = infos.map(({ dropped }) => dropped);
      return read;
    },
    listener: {
      frame(frame) {
        read.frames++;
        read.octets += frame.captured;
        read.times.push(frame.seconds + frame.nanos / 1e9);
        read.comments += frame.comments?.length ?? 0;
        expect(frame.start + frame.captured).toBeLessThanOrEqual(frame.bytes.length);
      },
      interface(info) {
        read.interfaces.push(info.name);
        infos.push(info);
      },
      name(address, name) {
        read.names[address] = name;
      },
      notice(notice) {
        read.notices.push(notice);
      },
    },
  };
}

async function readFile(name: string): Promise<Read> {
  const all = collector();
  const source = openCapture(join(FOLDER, name), '/', all.listener);
  while (await source.next()) {}
  source.close();
  return all.read;
}

/** Pushes in pieces of the given lengths, the last of them again and again. */
function readBytes(bytes: Uint8Array, pieces: readonly number[]): Read {
  const all = collector();
  const reader = readerFor(bytes, all.listener);
  if (reader === null) return all.read;
  let at = 0;
  for (let piece = 0; at < bytes.length; piece++) {
    const length = Math.max(1, pieces[Math.min(piece, pieces.length - 1)] ?? bytes.length);
    reader.push(bytes.slice(at, at + length));
    at += length;
  }
  reader.end();
  return all.read;
}

const derived = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.truth.json'))
  .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')))
  .filter(({ frames }) => frames !== undefined);

describe('captures of others', () => {
  test.each(derived)('$files.0.file has as many frames as its description says', async (truth) => {
    const read = await readFile(truth.files[0].file);
    expect(read.frames).toBe(truth.frames);
  });

  test('a big-endian file and one with nanoseconds tell the times of their original', async () => {
    const original = await readFile('conntrack-lost.pcap');
    expect((await readFile('conntrack-lost-be.pcap.gz')).times).toEqual(original.times);
    const micros = await readFile('silent-failover.pcap');
    expect((await readFile('silent-failover-ns-be.pcap')).times).toEqual(micros.times);
    const modified = await readFile('redirect-modified.pcap');
    expect(modified.times).toEqual((await readFile('redirect.pcap')).times);
  });

  test('sections of both byte orders have their own clocks, and their frames are in one time', async () => {
    const read = await readFile('sections.pcapng');
    const original = await readFile('keepalived-kill9.pcap');
    const [first = 0] = original.times;
    expect(Math.min(...read.times)).toBeCloseTo(first, 3);
    expect(Math.max(...read.times)).toBeLessThan(Math.max(...original.times) + 0.001);
    expect(read.dropped).toContain(7);
    expect(read.names).toEqual({ '192.168.50.120': 'vip', '192.168.50.11': 'node-a' });
    expect(read.notices.map(({ code }) => code)).toContain('no-time');
  });

  test('a file that ends inside a record gives what is whole, and says so', async () => {
    const read = await readFile('mac-move-truncated.pcap');
    expect(read.notices.map(({ code }) => code)).toEqual(['cut-short']);
  });

  test('files behind one another are read as one', () => {
    const bytes = readFileSync(join(FOLDER, 'proxy-arp.pcap'));
    const twice = readBytes(Buffer.concat([bytes, bytes]), [bytes.length * 2]);
    expect(twice.frames).toBe(readBytes(bytes, [bytes.length]).frames * 2);
    expect(twice.notices.map(({ code }) => code)).toEqual(['concatenated']);
  });

  test('records with four more octets under the standard magic are found by trying', () => {
    const record = (length: number, octets: number): Buffer => {
      const bytes = Buffer.alloc(length + octets);
      bytes.writeUInt32LE(1_600_000_000, 0);
      bytes.writeUInt32LE(500, 4);
      bytes.writeUInt32LE(octets, 8);
      bytes.writeUInt32LE(octets, 12);
      return bytes.fill(0xab, 16);
    };
    const header = readFileSync(join(FOLDER, 'proxy-arp.pcap')).subarray(0, 24);
    for (const length of [20, 24]) {
      const file = Buffer.concat([header, ...[60, 74, 90, 66].map((n) => record(length, n))]);
      expect(readBytes(file, [file.length])).toMatchObject({ frames: 4, octets: 290 });
    }
  });
});

describe('time stamps of pcapng', () => {
  test('are exact in any resolution', () => {
    const at = (resolution: number, stamp: bigint): [number, number] => {
      const reader = new StampReader(resolution, 0);
      reader.read(Number(stamp >> 32n), Number(stamp & 0xffff_ffffn));
      return [reader.seconds, reader.nanos];
    };
    expect(at(9, 1_796_068_735_528_159_001n)).toEqual([1_796_068_735, 528_159_001]);
    expect(at(6, 1_796_068_735_528_159n)).toEqual([1_796_068_735, 528_159_000]);
    expect(at(3, 1_796_068_735_528n)).toEqual([1_796_068_735, 528_000_000]);
    expect(at(0x80 | 20, (1_796_068_735n << 20n) + (1n << 19n))).toEqual([
      1_796_068_735, 500_000_000,
    ]);
  });
});

describe('whatever the octets are', () => {
  const files = ['proxy-arp.pcap', 'sections.pcapng', 'redirect-modified.pcap'].map((name) =>
    readFileSync(join(FOLDER, name)),
  );

  test('how they arrive in pieces makes no difference', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 5 }),
        (bytes, pieces) => {
          const whole = readBytes(bytes, [bytes.length]);
          const read = readBytes(bytes, pieces);
          expect(read.times).toEqual(whole.times);
          expect(read.octets).toBe(whole.octets);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('reading ends and never throws: cuts, changed octets, noise', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.nat(),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
        (bytes, cut, changes) => {
          const changed = new Uint8Array(bytes.subarray(0, cut % (bytes.length + 1)));
          for (const [at, value] of changes)
            if (changed.length > 0) changed[at % changed.length] = value;
          readBytes(changed, [4_096]);
        },
      ),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        kindOf(bytes);
        guessOf(bytes);
        readBytes(bytes, [7]);
      }),
    );
  });
});
