// An emulated cluster among real machines: the real server sees the egress IP, its firewall admits
// nobody else, failover keeps what can be kept; and a real owner of the same address disturbs it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatMac } from '../../src/wire/mac-address.ts';
import {
  eventually,
  type LiveLab,
  type Running,
  requireKernel,
  Sandbox,
} from '../support/kernel.ts';

const { skip, remark } = requireKernel('ping', 'arping', 'nft', 'tshark');
const TOPOLOGIES = join(import.meta.dirname, '../../topologies');
const EGRESS_IP = '192.168.50.120';

/** Says who has asked, and echoes. */
const DATABASE = `require('net').createServer((s) => { console.log('query from ' + s.remoteAddress); s.on('error', () => {}); s.pipe(s); })
  .listen(5432, '0.0.0.0', () => console.log('listening'));`;
/** Keeps one connection, says something every 100 ms and counts what comes back. */
const CHATTER = `const s = require('net').connect(7, '192.168.50.11'); let n = 0;
s.on('connect', () => { console.log('connected'); setInterval(() => s.write('x'), 100); });
s.on('data', (b) => { n += b.length; console.log('echoes ' + n); });
s.on('close', () => { console.log('connection lost'); process.exit(1); });`;
const ADMIT_EGRESS_IP = `table inet db { chain input { type filter hook input priority 0;
  tcp dport 5432 ip saddr != ${EGRESS_IP} drop; }; }`;

function macOf(live: LiveLab, node: string): string {
  const iface = live.lab.stack(node).interface('enp1s0');
  return iface === null ? '' : formatMac(iface.mac);
}

describe.skipIf(skip)(`the shipped egress-to-kernel.yaml${remark}`, () => {
  const sandbox = new Sandbox();
  let live: LiveLab;
  let database: Running;
  beforeAll(async () => {
    const yaml = readFileSync(join(TOPOLOGIES, 'egress-to-kernel.yaml'), 'utf8');
    live = await sandbox.up(yaml, { capture: true });
    const db = sandbox.netns('db');
    expect((await sandbox.run(db, ['nft', ADMIT_EGRESS_IP])).text).toBe('');
    database = await sandbox.start(db, [process.execPath, '-e', DATABASE], /listening/);
  }, 60_000);
  afterAll(() => sandbox.dispose(), 60_000);

  const kinds = (): string[] => live.lab.events.events.map(({ kind }) => kind);

  test('the pod’s queries arrive from the egress IP and from nobody else', async () => {
    await eventually(() => database.text.includes('query from'), 'a query', 20_000);
    expect(new Set(database.text.match(/query from .*/g))).toEqual(
      new Set([`query from ${EGRESS_IP}`]),
    );
  }, 30_000);

  test('others are not let in', async () => {
    const probe = `const s = require('net').connect(5432, '192.168.50.10', () => { console.log('in'); process.exit(); });
setTimeout(() => { console.log('kept out'); process.exit(); }, 1500);`;
    const { text } = await sandbox.run(sandbox.netns('client'), [process.execPath, '-e', probe]);
    expect(text).toBe('kept out\n');
  });

  test('after the holder dies the other node takes over; a real client’s connection goes on', async () => {
    const chatter = await sandbox.start(
      sandbox.netns('client'),
      [process.execPath, '-e', CHATTER],
      /connected/,
    );
    const before = await sandbox.run(sandbox.netns('db'), ['ip', 'neigh', 'show', EGRESS_IP]);
    expect(before.text).toContain(macOf(live, 'worker02'));
    live.driver.perform(() => live.lab.fail('worker02'));
    await eventually(() => kinds().includes('flow-interrupted'), 'an outage', 20_000);
    const queries = database.text.length;
    await eventually(
      () => live.lab.stack('worker01').addresses.isLocal(0xc0a83278 as never),
      'worker01 holds the address',
      40_000,
    );
    await eventually(() => database.text.length > queries, 'queries again', 20_000);
    expect(database.text.match(/query from .*/g)?.at(-1)).toBe(`query from ${EGRESS_IP}`);
    const after = await sandbox.run(sandbox.netns('db'), ['ip', 'neigh', 'show', EGRESS_IP]);
    expect(after.text).toContain(macOf(live, 'worker01'));
    expect(chatter.text).not.toContain('connection lost');
    const echoes = chatter.text.length;
    await eventually(() => chatter.text.length > echoes, 'the connection still works');
  }, 90_000);
});

describe.skipIf(skip)(`the shipped duplicate-with-kernel.yaml${remark}`, () => {
  const sandbox = new Sandbox();
  let live: LiveLab;
  beforeAll(async () => {
    const yaml = readFileSync(join(TOPOLOGIES, 'duplicate-with-kernel.yaml'), 'utf8');
    live = await sandbox.up(yaml, { capture: true });
    await eventually(
      () => live.lab.events.events.some(({ kind }) => kind === 'egress-ip-announced'),
      'worker02 announces the address',
    );
  }, 60_000);
  afterAll(() => sandbox.dispose(), 60_000);

  const REAL = '02:00:00:00:00:66';
  const eye = (...argv: readonly string[]) => sandbox.run(sandbox.netns('observer'), argv);

  test('arping -D of the kernel says duplicate, and asking hears both', async () => {
    const detection = await eye('arping', '-I', 'eye0', '-D', '-c', '2', '-w', '3', EGRESS_IP);
    expect(detection.code).toBe(1);
    const asked = await eye('arping', '-I', 'eye0', '-c', '3', '-w', '4', EGRESS_IP);
    const answers = asked.text.toLowerCase();
    expect(answers).toContain(REAL);
    expect(answers).toContain(macOf(live, 'worker02'));
  });

  test('the kernel’s neighbor entry is one of the two, and announcements move it', async () => {
    const entry = async (): Promise<string> => {
      await eye('ping', '-c', '1', '-W', '1', '-I', 'eye0', EGRESS_IP);
      return (await eye('ip', 'neigh', 'show', EGRESS_IP, 'dev', 'eye0')).text;
    };
    const owners = [REAL, macOf(live, 'worker02')];
    const first = await entry();
    expect(owners.filter((mac) => first.includes(mac))).toHaveLength(1);
    const announce = ['arping', '-I', 'old0', '-A', '-c', '3', '-s', EGRESS_IP, EGRESS_IP];
    await sandbox.run(sandbox.netns('forgotten'), announce);
    expect((await eye('ip', 'neigh', 'show', EGRESS_IP, 'dev', 'eye0')).text).toContain(REAL);
  }, 30_000);

  test('tshark warns of a duplicate address in the lab’s capture, and the lab contests the address', async () => {
    const report = await live.stop();
    const argv = ['tshark', '-n', '-r', live.capture, '-Y', 'arp.duplicate-address-detected'];
    const { text } = await sandbox.run(null, argv);
    expect(text).toContain(`duplicate use of ${EGRESS_IP}`);
    expect(text).toContain(REAL);
    expect(report.captures[0]?.filter).toContain(EGRESS_IP);
  });
});
