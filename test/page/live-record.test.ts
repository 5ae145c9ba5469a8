// What a page keeps of a lab that runs, against the lab itself.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Lab } from '../../src/lab/lab.ts';
import { LabWatch } from '../../src/platform/live-page/lab-watch.ts';
import { RealtimeDriver, TimerDoorbell } from '../../src/platform/realtime-driver.ts';
import type { LiveMessage } from '../../src/scenario/recording/live-message.ts';
import { ScenarioSession } from '../../src/scenario/session.ts';
import { VIEW_TABLES, type ViewRows } from '../../src/view/tables.ts';
import { LiveRecord } from '../../src/web/live/live-record.ts';
import { OctetStore } from '../../src/web/live/octet-store.ts';
import { RunIndex } from '../../src/web/query/run-index.ts';
import { topologyOf } from '../support/scenarios.ts';

interface Watched {
  readonly lab: Lab;
  readonly driver: RealtimeDriver;
  readonly watch: LabWatch;
  /** Lets lab time pass. */
  pass(seconds: number): void;
}

/** A lab whose clock a test moves. */
function begin(name: string): Watched {
  const file = new URL(`../../topologies/${name}.yaml`, import.meta.url);
  const topology = topologyOf(readFileSync(file, 'utf8'), `${name}.yaml`);
  const session = new ScenarioSession(topology, { openEnded: true });
  session.begin();
  const { lab } = session;
  let clock = 0;
  const driver = new RealtimeDriver({
    scheduler: lab.scheduler,
    events: lab.events,
    doorbell: new TimerDoorbell(),
    clock: () => clock,
  });
  const pass = (seconds: number): void => {
    for (let at = 0; at < seconds * 100; at++) {
      clock += 1e7;
      driver.perform(() => {});
    }
  };
  return { lab, driver, watch: new LabWatch(session, driver, name), pass };
}

const looks = (lab: Lab): number => lab.ports().filter(({ observer }) => observer !== null).length;

test('a page has the tables of the lab and its frames to the octet; afterwards nothing is attached', async () => {
  const { lab, pass, watch } = begin('duplicate-ip');
  const idle = looks(lab);
  const record = new LiveRecord(300, 400);
  const sequences: number[] = [];
  const stop = watch.add({
    isBehind: false,
    write: (line) => {
      const message = JSON.parse(line) as LiveMessage;
      record.take(message);
      if (message.kind === 'batch') sequences.push(message.batch.from, message.batch.sequence);
    },
  });
  for (let at = 0; at < 12; at++) {
    pass(1.5);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  expect(looks(lab)).toBeGreaterThan(idle);
  // Time stands now; the next look shows where.
  await expect.poll(() => record.record()?.report.labDuration, { timeout: 9000 }).toBe(lab.now);
  const known = record.record();
  expect(known).not.toBe(null);
  if (known === null) return;
  const index = new RunIndex(known);
  expect(known.frames).toHaveLength(300);
  for (const [at, row] of known.frames.entries()) {
    expect(index.frame(at)?.octets.length).toBe(row.length);
  }
  const last = index.frame(299);
  expect(last?.row.text).toBe(known.frames[299]?.text);
  const neighbors = index.table('neighbors', index.duration).map(({ row }) => rowText(row));
  const wanted = VIEW_TABLES.neighbors.rows(lab, null).map(rowText);
  expect(neighbors.sort()).toEqual(wanted.sort());
  expect(index.contested().map(({ address }) => address)).toContain('192.168.50.120');
  expect(sequences.length).toBeGreaterThan(1);
  stop();
  expect(looks(lab)).toBe(idle);
});

function rowText({ address, mac, machine }: ViewRows['neighbors']): string {
  return `${machine} ${address} ${mac}`;
}

test('a page that does not read is spared, and gets the rows anew', async () => {
  const { pass, watch } = begin('duplicate-ip');
  const kinds: string[] = [];
  const page = {
    isBehind: false,
    write: (line: string) => {
      kinds.push((JSON.parse(line) as LiveMessage).kind);
    },
  };
  const stop = watch.add(page);
  const turn = async (): Promise<void> => {
    pass(1);
    await new Promise((resolve) => setTimeout(resolve, 150));
  };
  await turn();
  page.isBehind = true;
  kinds.length = 0;
  await turn();
  await turn();
  expect(kinds).toEqual([]);
  page.isBehind = false;
  while (kinds.length === 0) await turn();
  expect(kinds[0]).toBe('rows');
  watch.end();
  expect(kinds.at(-1)).toBe('end');
  stop();
});

test('octets stand in one piece, however they come and go', () => {
  const store = new OctetStore();
  let next = 0;
  let first = 0;
  for (let turn = 0; turn < 300; turn++) {
    const length = (turn * 7919) % 3000;
    store.append(Uint8Array.from({ length }, () => next++ & 0xff));
    const dropped = (turn * 104_729) % 3100;
    const left = Math.min(dropped, next - first);
    store.drop(dropped);
    first += left;
    const view = store.view();
    expect(view).toHaveLength(next - first);
    expect(view[0] ?? first & 0xff).toBe(first & 0xff);
    expect(view.at(-1) ?? (next - 1) & 0xff).toBe((next - 1) & 0xff);
  }
});
