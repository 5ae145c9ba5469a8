// What a page knows of a run: the record, there and back, and the answers that it gives at any instant.

import { beforeAll, describe, expect, test } from 'vitest';
import { decodeRecord, encodeRecord } from '../../src/scenario/recording/encoding.ts';
import type { RunRecord } from '../../src/scenario/recording/record.ts';
import { RunRecorder } from '../../src/scenario/recording/recorder.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { ScenarioSession } from '../../src/scenario/session.ts';
import { topologyGraph } from '../../src/view/graph.ts';
import { VIEW_TABLES } from '../../src/view/tables.ts';
import { shownFrames } from '../../src/web/query/filter.ts';
import { lanesOf } from '../../src/web/query/lanes.ts';
import { pictureOf } from '../../src/web/query/layout.ts';
import { RunIndex } from '../../src/web/query/run-index.ts';
import { describe as lineOf } from '../../src/wire/describe.ts';
import { fieldsOf } from '../../src/wire/fields.ts';
import { recorded, shippedTopology } from '../support/recorded.ts';

let record: RunRecord;
let index: RunIndex;

beforeAll(async () => {
  record = await recorded('duplicate-ip');
  index = new RunIndex(record);
});

describe('a record', () => {
  test('tells the same report as a run that nobody watched', async () => {
    expect(record.report).toEqual(await runScenario(shippedTopology('duplicate-ip'), {}));
  });

  test('is the same after a file', () => {
    expect(decodeRecord(encodeRecord(record))).toEqual({ record, problem: null });
  });

  test('that was cut, is of another version or none at all is refused with a sentence', () => {
    const bytes = encodeRecord(record);
    expect(decodeRecord(bytes.subarray(0, 500)).problem).toContain('cut off after 500 octets');
    expect(decodeRecord(bytes.subarray(0, bytes.length - 1)).problem).toContain('missing');
    expect(decodeRecord(new Uint8Array(100)).problem).toContain('no record');
    const later = encodeRecord({ ...record, format: 7 as never, application: 'egresslab 9.0.0' });
    expect(decodeRecord(later).problem).toBe(
      'Record format 7, made by egresslab 9.0.0; this page reads format 1.',
    );
  });

  test('has the octets of each frame, and its fields lie within them', () => {
    const wrong: unknown[] = [];
    for (const [at, row] of record.frames.entries()) {
      const octets = index.frame(at)?.octets;
      if (octets === undefined) throw new Error('each row has its frame');
      const fields = fieldsOf(octets).flatMap((each) => [each, ...each.fields]);
      const isInside = fields.every((each) => each.at >= 0 && each.at + each.length <= row.length);
      if (lineOf(octets) !== row.text || !isInside) wrong.push(row);
    }
    expect(wrong).toEqual([]);
  });

  test('keeps to its bounds and says what it left out', async () => {
    const small = await recorded('duplicate-ip', new RunRecorder(100, 200));
    expect(small.frames).toHaveLength(100);
    expect(small.framesTotal).toBe(record.framesTotal);
    expect(small.changes.length).toBeLessThanOrEqual(200);
    expect(small.changesUntil).toBeGreaterThan(0);
    expect(small.report).toEqual(record.report);
  });
});

describe('at the cursor', () => {
  test('tables are those of a lab that was run to that instant', () => {
    const names = ['neighbors', 'fdb', 'claims', 'machines', 'addresses', 'cables'] as const;
    for (const at of [0, 1_500_305_000, 3e9, 12e9, 12.5e9, 13.0003e9, 13.4e9, 20.1e9, 41e9, 60e9]) {
      const session = new ScenarioSession(shippedTopology('duplicate-ip'), {});
      session.begin();
      session.lab.scheduler.advanceTo(at);
      for (const name of names) {
        const there = VIEW_TABLES[name].rows(session.lab, null).map(withoutDeadline);
        const here = index.table(name, at).map(({ row }) => withoutDeadline(row));
        expect(new Set(here), `${name} at ${at}`).toEqual(new Set(there));
      }
      session.dispose();
    }
  });

  test('the end is what the report says', () => {
    const { conntrack, drops, fdb, neighbors } = record.report;
    const at = index.duration;
    const rows = (name: 'conntrack' | 'drops' | 'fdb' | 'neighbors'): Set<string> =>
      new Set(index.table(name, at).map(({ row }) => withoutDeadline(row)));
    expect(rows('neighbors')).toEqual(new Set(neighbors.map(withoutDeadline)));
    expect(rows('fdb')).toEqual(new Set(fdb.map(withoutDeadline)));
    expect(rows('conntrack')).toEqual(new Set(conntrack.map(withoutDeadline)));
    expect(rows('drops')).toEqual(new Set(drops.map(withoutDeadline)));
  });

  test('the way there does not matter', () => {
    const first = index.table('neighbors', 13e9);
    for (const at of [60e9, 0, 22e9]) index.table('neighbors', at);
    expect(index.table('neighbors', 13e9)).toEqual(first);
  });

  test('the frame of an instant is the last one sent in it', () => {
    for (const at of [0, 12e9, 13e9, 60e9]) {
      const { frame } = index.at(at);
      const before = record.frames.filter((row) => row.at <= at).length;
      expect(frame).toBe(before - 1);
    }
  });
});

describe('lanes, picture and filter', () => {
  test('lanes tell the holdings, the conflict, the beliefs and the outages of the report', () => {
    const [address = null] = index.contested();
    const lanes = lanesOf(record.report, address);
    const spans = (label: string): number =>
      lanes.find((lane) => lane.label === label)?.spans.length ?? -1;
    expect(lanes.map(({ label }) => label)).toEqual([
      'a worker01',
      'b printer',
      'conflict',
      'gateway believes',
      'web-to-db',
      'printer-report',
    ]);
    expect(spans('conflict')).toBe(address?.duplicates.length);
    expect(spans('gateway believes')).toBe(address?.beliefs[0]?.spans.length);
    expect(spans('web-to-db')).toBe(record.report.flows[0]?.outages.length);
  });

  test.each([
    ['duplicate-ip', 6, 2],
    ['router-4h-arp', 1, 1],
  ])('every machine of %s has its place, and none covers another', (name, machines, segments) => {
    const picture = pictureOf(topologyGraph(shippedTopology(name)));
    expect(picture.tiles.length).toBeGreaterThanOrEqual(machines);
    expect(picture.buses.length).toBeGreaterThanOrEqual(segments);
    for (const [at, a] of picture.tiles.entries()) {
      for (const b of picture.tiles.slice(at + 1)) {
        const apart =
          a.x + a.width <= b.x ||
          b.x + b.width <= a.x ||
          a.y + a.height <= b.y ||
          b.y + b.height <= a.y;
        expect(apart, `${a.name} and ${b.name}`).toBe(true);
      }
    }
  });

  test('a filter shows what holds all its words, and a packet from end to end', () => {
    const { frames, report } = record;
    const shown = (filter: string): number[] => shownFrames(frames, filter, report.flows);
    expect(shown('')).toHaveLength(frames.length);
    expect(shown('ARP gateway').every((at) => frames[at]?.text.startsWith('ARP'))).toBe(true);
    expect(shown('drops')).toEqual(
      frames.flatMap(({ drops }, at) => (drops.length > 0 ? [at] : [])),
    );
    const crossed = shown('web-to-db').map((at) => frames[at]?.from?.machine);
    expect(new Set(crossed)).toContain('gateway');
    const packet = frames.find(({ parent }) => parent !== null)?.packet ?? 0;
    expect(shown(`packet:${packet}`).length).toBeGreaterThan(1);
    expect(shown('no such word')).toEqual([]);
  });
});

/** A row as text. A deadline that is put off again and again is not told each time. */
function withoutDeadline(row: object): string {
  const { deadline: _, ...rest } = row as Readonly<Record<string, unknown>>;
  return JSON.stringify(rest);
}
