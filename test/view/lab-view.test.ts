// A lab that is followed: a snapshot and the changes after it are the lab as it is.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { ScenarioSession } from '../../src/scenario/session.ts';
import { millis } from '../../src/sim/time.ts';
import { type LiveTable, type ViewBatch, ViewCopy } from '../../src/view/changes.ts';
import { LabView } from '../../src/view/lab-view.ts';
import { TABLE_NAMES, VIEW_TABLES } from '../../src/view/tables.ts';
import { shippedScenarios, topologyOf } from '../support/scenarios.ts';

const PAIR = `name: pair
segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1 } } }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2 } } }
scenario:
  duration: 60s
  flows: { talk: { from: a, to: b, icmp: echo, every: 100ms } }
`;

function begin(name: string): ScenarioSession {
  const scenario = shippedScenarios().find((each) => each.name === name);
  const topology = scenario?.load() ?? topologyOf(PAIR, 'pair.yaml');
  const session = new ScenarioSession(topology, { openEnded: true });
  session.begin();
  return session;
}

/** Without what is put off while an entry is in use. */
function settled(rows: readonly object[]): object[] {
  return rows.map((row) => ({ ...row, deadline: null }));
}

/** The rows of a copy and those of the lab, table by table, in the order of their keys. */
function tablesOf(
  copy: ViewCopy,
  lab: Lab,
): { readonly copied: unknown; readonly direct: unknown } {
  const sorted = (rows: readonly object[]): string[] =>
    settled(rows)
      .map((row) => JSON.stringify(row))
      .sort();
  const copied = TABLE_NAMES.map((name) => [name, sorted(copy.rows(name))]);
  const direct = TABLE_NAMES.map((name) => [name, sorted(VIEW_TABLES[name].rows(lab, null))]);
  return { copied, direct };
}

describe('snapshot and changes', () => {
  test.each(['automatic', 'duplicate-ip', 'nat', 'pair'])(
    '%s: applied one after another they are the lab at every look, whenever one looks',
    (name) => {
      const looks = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 12 });
      fc.assert(
        fc.property(looks, (waits) => {
          const { lab } = begin(name);
          const view = LabView.of(lab);
          const copy = new ViewCopy(view.snapshot());
          view.follow((batch) => copy.apply(JSON.parse(JSON.stringify(batch))));
          for (const wait of waits) {
            lab.advance(millis(wait));
            view.poll();
            expect(copy.sequence).toBe(view.snapshot().sequence);
            const { copied, direct } = tablesOf(copy, lab);
            expect(copied).toEqual(direct);
          }
          expect(copy.snapshot()).toEqual(view.snapshot());
          view.dispose();
        }),
        { numRuns: name === 'automatic' ? 3 : 6 },
      );
    },
    60_000,
  );

  test('a reader who was away takes up where it stood', () => {
    const { lab } = begin('pair');
    const view = LabView.of(lab);
    const copy = new ViewCopy(view.snapshot());
    for (let i = 0; i < 5; i++) {
      lab.advance('1s');
      view.poll();
    }
    for (const batch of view.since(copy.sequence) ?? []) copy.apply(batch);
    expect(copy.snapshot()).toEqual(view.snapshot());
    expect(view.since(copy.sequence)).toEqual([]);
  });

  test('one who was away for too long is told to begin anew, and never gets a gap', () => {
    const { lab } = begin('pair');
    const view = LabView.of(lab, { historyLimit: 50 });
    const { sequence } = view.snapshot();
    const batches: ViewBatch[] = [];
    view.follow((batch) => batches.push(batch));
    for (let i = 0; i < 20; i++) {
      lab.advance('1s');
      view.poll();
    }
    expect(view.since(sequence)).toBeNull();
    expect(view.since(-1)).toBeNull();
    const copy = new ViewCopy(view.snapshot());
    const [first] = batches;
    if (first === undefined) throw new Error('there were changes');
    expect(() => copy.apply(first)).toThrow('without a gap');
  });

  test('changes say what they are: added, changed, removed', () => {
    const lab = createLab(topologyOf(PAIR, 'pair.yaml'));
    const view = LabView.of(lab, { tables: ['addresses', 'interfaces', 'claims'] });
    const stack = lab.stack('a');
    const iface = stack.interface('eth0');
    const first = iface?.addresses[0];
    if (iface === null || first === undefined) throw new Error('a has an address');
    stack.addresses.remove(iface, first.address);
    const said = view.poll()?.changes.map(({ change, key, table }) => `${table} ${key} ${change}`);
    expect(said).toEqual([
      'interfaces a/eth0 changed',
      'addresses a/eth0/10.0.0.1 removed',
      'claims 10.0.0.1/a/eth0/address removed',
    ]);
    expect(view.poll()).toBeNull();
  });

  test('time alone changes nothing, and a deadline that is put off is told when it would have passed', () => {
    const lab = createLab(topologyOf(PAIR, 'pair.yaml'));
    const view = LabView.of(lab, { tables: ['fdb', 'neighbors', 'conntrack'] });
    const say = (): void => {
      const socket = lab.stack('a').udp.bind({}, { onDatagram: () => {} });
      const target = lab.stack('b').interface('eth0')?.addresses[0];
      if (target !== undefined) socket.sendTo(target.address, 9, new Uint8Array(4));
      socket.close();
    };
    say();
    lab.advance('1s');
    expect(view.poll()).not.toBeNull();
    const fdb = (): readonly number[] =>
      new ViewCopy(view.snapshot()).rows('fdb').map(({ deadline }) => deadline);
    const [known = 0] = fdb();
    for (let i = 0; i < 290; i++) {
      say();
      lab.advance('1s');
      view.poll();
    }
    expect(fdb()[0]).toBe(known);
    lab.advance('20s');
    view.poll();
    expect(fdb()[0]).toBeGreaterThan(known);
    lab.advance('2s');
    expect(view.poll()).toBeNull();
  });
});

describe('what it costs to follow a lab', () => {
  test('nothing is attached where nobody looks at frames, and nothing stays after the end', () => {
    const scenario = shippedScenarios().find(({ name }) => name === 'automatic');
    if (scenario === undefined) throw new Error('it is shipped');
    const lab = createLab(scenario.load());
    const places = [...lab.machinePorts().flatMap(([, ports]) => ports), ...lab.drops()];
    const looks = (): number => places.filter(({ observer }) => observer !== null).length;
    const tables = LabView.of(lab, { tables: TABLE_NAMES });
    expect(looks()).toBe(0);
    const frames = LabView.of(lab, { tables: ['frames'] });
    expect(looks()).toBe(places.length);
    frames.dispose();
    tables.dispose();
    expect(looks()).toBe(0);
  });

  test('bounds hold, and what is beyond them is counted', () => {
    const { lab } = begin('automatic');
    const view = LabView.of(lab, { rowLimit: 40, framesPerPoll: 10 });
    for (let i = 0; i < 50; i++) {
      lab.advance('200ms');
      view.poll();
    }
    const copy = new ViewCopy(view.snapshot());
    for (const name of [...TABLE_NAMES, 'events', 'frames'] satisfies LiveTable[]) {
      expect(copy.rows(name).length, name).toBeLessThanOrEqual(40);
    }
    expect(copy.omitted.frames).toBeGreaterThan(100);
    const events = copy.rows('events').map(({ sequence }) => sequence);
    expect(events.at(-1)).toBe(lab.events.events.length);
    expect(events).toHaveLength(40);
  });
});
