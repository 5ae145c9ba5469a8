// The tables of a lab: which rows they have, and what Linux's own tools print for them.

import { describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { conntrackLine } from '../../src/view/conntrack.ts';
import { neighborLine } from '../../src/view/neighbors.ts';
import {
  TABLE_NAMES,
  type TableName,
  VIEW_TABLES,
  type ViewRows,
  type ViewTable,
  viewTable,
} from '../../src/view/tables.ts';
import { ip } from '../support/frames.ts';
import { topologyOf } from '../support/scenarios.ts';

function lab(): Lab {
  return createLab(
    topologyOf(
      `name: tables
segments:
  wan: { subnet: 10.0.1.0/24 }
  lan: { subnet: 10.0.0.0/24 }
hosts:
  router:
    forwarding: true
    interfaces:
      eth0: { segment: lan, address: 10.0.0.1 }
      eth1: { segment: wan, address: 10.0.1.1, snat: masquerade }
  alone: { interfaces: { eth0: { segment: lan, address: 10.0.0.3 } } }
  client: { interfaces: { eth0: { segment: lan, address: 10.0.0.2 } }, gateway: 10.0.0.1 }
  server: { interfaces: { eth0: { segment: wan, address: 10.0.1.2 } } }
`,
      'tables.yaml',
    ),
  );
}

/** The client sends a datagram to the server, where nobody listens, and one to nowhere. */
function talk(all: Lab): void {
  const socket = all.stack('client').udp.bind({ port: 5000 }, { onDatagram: () => {} });
  socket.sendTo(ip('10.0.1.2'), 53, new Uint8Array(4));
  socket.sendTo(ip('203.0.113.1'), 53, new Uint8Array(4));
  socket.close();
  all.advance('1s');
}

describe('the tables of a lab', () => {
  test('are empty where nothing has happened', () => {
    const all = lab();
    for (const name of ['neighbors', 'fdb', 'conntrack', 'drops', 'exceptions'] as const) {
      expect(viewTable(all, name, null)).toEqual({ at: 0, rows: [] });
    }
  });

  test('have what the own tools of each machine would print', () => {
    const all = lab();
    talk(all);
    const { rows: neighbors } = viewTable(all, 'neighbors', null);
    expect([...new Set(neighbors.map(({ machine }) => machine))]).toEqual([
      'router',
      'client',
      'server',
    ]);
    const router = neighbors.filter(({ machine }) => machine === 'router').map(neighborLine);
    expect(router).toEqual([
      expect.stringMatching(/^10\.0\.0\.2 dev eth0 lladdr (..:){5}.. [A-Z]+$/),
      expect.stringMatching(/^10\.0\.1\.2 dev eth1 lladdr (..:){5}.. [A-Z]+$/),
    ]);
    const { rows: fdb } = viewTable(all, 'fdb', null);
    expect(fdb.map(({ segment, behind }) => `${segment} ${behind}`).sort()).toEqual([
      'lan client',
      'lan router',
      'wan router',
      'wan server',
    ]);
    const { at, rows: conntrack } = viewTable(all, 'conntrack', null);
    expect(new Set(conntrack.map(({ machine }) => machine))).toEqual(new Set(['router']));
    const lines = conntrack.map((row) => conntrackLine(row, at));
    expect(lines.join('\n')).toContain('src=10.0.0.2 dst=10.0.1.2');
    expect(conntrack[0]?.translation).toBe('snat 10.0.0.2:5000 → 10.0.1.1:5000 by MASQUERADE');
  });

  test('are narrowed to one machine or segment, and say so when there is none of the name', () => {
    const all = lab();
    talk(all);
    expect(viewTable(all, 'neighbors', 'client').rows).toHaveLength(1);
    expect(viewTable(all, 'fdb', 'lan').rows).toHaveLength(2);
    expect(viewTable(all, 'machines', 'alone').rows).toMatchObject([{ kind: 'host', state: 'up' }]);
    expect(() => viewTable(all, 'neighbors', 'cleint')).toThrow('cleint');
    expect(() => viewTable(all, 'machines', 'cleint')).toThrow('cleint');
    expect(() => viewTable(all, 'fdb', 'lam')).toThrow('lam');
    expect(() => viewTable(all, 'conntrack', 'servr')).toThrow('servr');
  });

  test('carry deadlines: a table in which nothing happens does not change with time', () => {
    const all = lab();
    talk(all);
    all.advance('1s');
    const before = TABLE_NAMES.map((name) => VIEW_TABLES[name].rows(all, null));
    all.advance('1s');
    expect(TABLE_NAMES.map((name) => VIEW_TABLES[name].rows(all, null))).toEqual(before);
  });

  test('count drops by device and reason, in the order of the alphabet', () => {
    const all = lab();
    talk(all);
    const socket = all.stack('server').udp.bind({}, { onDatagram: () => {} });
    socket.sendTo(ip('10.0.1.1'), 9, new Uint8Array(4));
    all
      .stack('client')
      .udp.bind({}, { onDatagram: () => {} })
      .sendTo(ip('10.0.0.3'), 9, new Uint8Array(4));
    all.advance('1s');
    const { rows: drops } = viewTable(all, 'drops', null);
    expect(drops.map(({ device }) => device)).toEqual(['alone', 'router', 'router', 'server']);
    expect(drops).toContainEqual({ device: 'server', reason: 'no-socket', count: 1 });
    expect(drops).toContainEqual({ device: 'router', reason: 'no-route', count: 1 });
    const keys = drops.map(VIEW_TABLES.drops.key);
    expect(keys).toEqual([...keys].sort());
    talk(all);
    const again = viewTable(all, 'drops', null).rows.find(({ device }) => device === 'server');
    expect(again?.count).toBe(2);
  });

  test.each(TABLE_NAMES)(
    '%s: asking twice gives the same, as plain data with keys of its own',
    (name) => {
      const all = lab();
      talk(all);
      const table = viewTable(all, name, null);
      expect(viewTable(all, name, null)).toEqual(table);
      expect(JSON.parse(JSON.stringify(table))).toEqual(table);
      const keys = keysOf(name, all);
      expect(new Set(keys).size).toBe(keys.length);
    },
  );
});

function keysOf<Name extends TableName>(name: Name, lab: Lab): string[] {
  const table: ViewTable<ViewRows[Name]> = VIEW_TABLES[name];
  return table.rows(lab, null).map((row) => table.key(row));
}
