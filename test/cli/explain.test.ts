// `egresslab explain` as a process runs it, without one: what it writes, what it tells of a file that grows, and what it
// says of input that is none.

import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { readerFor } from '../../src/capture/reading/capture-reader.ts';
import { run } from '../../src/cli/run.ts';
import { decodeRecord } from '../../src/scenario/recording/encoding.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { RunIndex } from '../../src/web/query/run-index.ts';
import { type FakeIo, fakeIo } from './fake-io.ts';

const CAPTURES = join(import.meta.dirname, '../fixtures/captures');
const directory = mkdtempSync(join(tmpdir(), 'egresslab-explain-'));
afterAll(() => rmSync(directory, { recursive: true }));

function capture(name: string): string {
  return join(CAPTURES, name);
}

function file(name: string, content?: Uint8Array): string {
  const path = join(directory, name);
  if (content !== undefined) writeFileSync(path, content);
  return path;
}

interface WrittenFrame {
  /** Since 1970, in nanoseconds after a billion and a half seconds. */
  readonly nanos: number;
  readonly comments: readonly string[];
}

function framesOf(name: string): WrittenFrame[] {
  const frames: WrittenFrame[] = [];
  const octets = new Uint8Array(readFileSync(file(name)));
  const reader = readerFor(octets, {
    frame: ({ comments, nanos, seconds }) => {
      frames.push({ nanos: (seconds - 1.5e9) * 1e9 + nanos, comments: comments ?? [] });
    },
    interface: () => undefined,
    name: () => undefined,
    notice: ({ text }) => expect.unreachable(text),
  });
  reader?.push(octets);
  reader?.end();
  return frames;
}

async function explain(...args: readonly string[]): Promise<FakeIo & { readonly code: number }> {
  const io = fakeIo({ workingDirectory: directory });
  const code = await run(['explain', ...args], io, runScenario);
  return { ...io, code };
}

describe('--write', () => {
  test('has every frame as it was, and what is found as comments on those that show it', async () => {
    const { code, out } = await explain(capture('duplicate-flip.pcap'), '--write', 'out.pcapng');
    expect(code).toBe(0);
    const number = Number(/frame\.number in \{\d+, (\d+)/.exec(out())?.[1]);
    const packets = framesOf('out.pcapng');
    expect(packets).toHaveLength(229);
    expect(packets[number - 1]?.comments.join()).toContain('conflict');
    expect(packets.filter(({ comments }) => comments.length > 0).length).toBeLessThan(40);
    const again = await explain('out.pcapng', '--json');
    const first = await explain(capture('duplicate-flip.pcap'), '--json');
    const { files: _a, ...told } = JSON.parse(again.out());
    const { files: _b, ...wanted } = JSON.parse(first.out());
    expect(told).toEqual(wanted);
  });

  test('may take the place of its input, if egresslab wrote that, and of nothing else', async () => {
    await explain(capture('mac-move.pcap'), '--write', 'own.pcapng');
    const before = framesOf('own.pcapng').length;
    expect((await explain('own.pcapng', '--write', 'own.pcapng')).code).toBe(0);
    expect(framesOf('own.pcapng')).toHaveLength(before);
    file('foreign', Buffer.from('a letter'));
    const refused = await explain(capture('mac-move.pcap'), '--write', 'foreign');
    expect(refused.code).toBe(2);
    expect(refused.err()).toContain('EGL_CAPTURE_FOREIGN');
    expect(readFileSync(file('foreign'), 'utf8')).toBe('a letter');
  });

  test('of several files has all frames, by one clock, under the numbers that are told', async () => {
    const files = [capture('skew-a.pcap'), capture('skew-b-shifted.pcap.gz')];
    const { out } = await explain(...files, '--write', 'merged.pcapng', '--json');
    const packets = framesOf('merged.pcapng');
    expect(packets).toHaveLength(546);
    const times = packets.map(({ nanos }) => nanos);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const [announcement] = JSON.parse(out()).announcements;
    expect(packets[announcement.frame - 1]?.comments.join()).toContain('announces it');
  });
});

test('--html is a page that holds findings, flows and frames', async () => {
  const { code } = await explain(capture('duplicate-flip.pcap'), '--html', 'page.html');
  expect(code).toBe(0);
  const page = readFileSync(file('page.html'), 'utf8');
  const data = /octet-stream">([^<]*)</.exec(page)?.[1] ?? '';
  const { problem, record } = decodeRecord(
    new Uint8Array(inflateRawSync(Buffer.from(data, 'base64'))),
  );
  expect(problem).toBeNull();
  if (record === null) return;
  expect(record.report.analysis?.addresses[0]?.duplicates[0]?.kind).toBe('conflict');
  expect(record.report.timeline.length).toBeGreaterThan(5);
  const index = new RunIndex(record);
  expect(index.frame(46)?.row.text).toContain('ARP');
  expect(record.frames).toHaveLength(229);
});

test('a file that grows is followed, and a conflict is told before the end', async () => {
  const octets = readFileSync(capture('duplicate-flip.pcap'));
  const path = file('growing.pcap', octets.subarray(0, 8_000));
  const io = fakeIo({ workingDirectory: directory });
  const running = run(['explain', path, '--follow'], io, runScenario);
  await setTimeout(300);
  appendFileSync(path, octets.subarray(8_000));
  for (let tries = 0; tries < 100 && !io.out().includes('conflict:'); tries++) await setTimeout(50);
  expect(io.out()).toContain('192.168.50.120: conflict: 52:54:00:50:00:11 and 00:1b:78:3c:0a:99');
  expect(io.out()).not.toContain('229 frames');
  io.signal('SIGINT');
  expect(await running).toBe(0);
  expect(io.out()).toContain('229 frames');
});

describe('input that is none, or odd', () => {
  const head = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0];

  test('is refused by name, with what it is and what to do', async () => {
    const cases: [string, Uint8Array, string][] = [
      ['text', Buffer.from('14:02:11.123456 ARP, Request who-has'), 'the text that tcpdump prints'],
      ['zip', Buffer.from('PK\x03\x04............................'), 'a zip archive'],
      ['empty', new Uint8Array(0), 'it is empty'],
      ['radiotap', Uint8Array.from([...head, 127, 0, 0, 0, ...Array(20).fill(0)]), '127'],
    ];
    for (const [name, content, what] of cases) {
      const { code, err } = await explain(file(name, content));
      expect([code, err()], name).toEqual([2, expect.stringContaining(what)]);
    }
    const missing = await explain('nowhere.pcap');
    expect([missing.code, missing.err()]).toEqual([2, expect.stringContaining('nowhere.pcap')]);
    const twice = await explain('-', '-');
    expect(twice.code).toBe(2);
    const offset = await explain(capture('mac-move.pcap'), '--offset', 'other.pcap=1s');
    expect([offset.code, offset.err()]).toEqual([2, expect.stringContaining('--offset')]);
  });

  test('nothing is written when the input is refused', async () => {
    const refused = await explain(file('text'), '--write', 'never.pcapng', '--html', 'never.html');
    expect(refused.code).toBe(2);
    expect(() => readFileSync(file('never.pcapng'))).toThrow();
    expect(() => readFileSync(file('never.html'))).toThrow();
  });

  test('a capture without frames is one, and says nothing', async () => {
    const { code, out } = await explain(file('none.pcap', Uint8Array.from([...head, 1, 0, 0, 0])));
    expect(code).toBe(0);
    expect(out()).toContain('0 frames');
  });

  test('a file that shrinks while it is followed ends there, and that is told', async () => {
    const path = file('shrinking.pcap', readFileSync(capture('mac-move.pcap')));
    const io = fakeIo({ workingDirectory: directory });
    const running = run(['explain', path, '--follow'], io, runScenario);
    await setTimeout(300);
    truncateSync(path, 1_000);
    expect(await running).toBe(0);
    expect(io.out()).toContain('the file has shrunk to 1000 octets');
  });

  test('ten thousand interfaces with clocks of their own are read', async () => {
    const blocks: number[] = [];
    const u32 = (value: number): number[] => [
      value & 255,
      (value >> 8) & 255,
      (value >> 16) & 255,
      value >>> 24,
    ];
    const block = (type: number, body: readonly number[]): void => {
      const total = body.length + 12;
      blocks.push(...u32(type), ...u32(total), ...body, ...u32(total));
    };
    block(0x0a0d_0d0a, [...u32(0x1a2b_3c4d), 1, 0, 0, 0, ...u32(0xffff_ffff), ...u32(0xffff_ffff)]);
    for (let index = 0; index < 10_000; index++) {
      // if_tsresol: milliseconds, microseconds, nanoseconds.
      block(1, [1, 0, 0, 0, ...u32(0), 9, 0, 1, 0, [3, 6, 9][index % 3] ?? 6, 0, 0, 0, ...u32(0)]);
    }
    const arp = Array(42).fill(0);
    for (const [index, stamp] of [
      [0, 5_000],
      [1, 5_000_000],
      [9_998, 705_032_704],
    ] as const) {
      const high = index === 9_998 ? 1 : 0;
      block(6, [...u32(index), ...u32(high), ...u32(stamp), ...u32(42), ...u32(42), ...arp, 0, 0]);
    }
    const { code, out } = await explain(file('many.pcapng', Uint8Array.from(blocks)), '--json');
    expect(code).toBe(0);
    const found = JSON.parse(out());
    expect(found.files[0].interfaces).toHaveLength(10_000);
    expect(found.frames).toBe(3);
    expect(found.start).toBe(5);
  });
});
