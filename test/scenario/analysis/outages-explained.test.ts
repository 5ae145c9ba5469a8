// Every outage has a cause: in labs of public reports, and in labs of the mistakes that people make, one
// a file in test/fixtures/outages. test/scenarios.test.ts asks the same of the labs that come along.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderAnalysis } from '../../../src/cli/render/analysis.ts';
import { createStyle } from '../../../src/cli/render/style.ts';
import { DROP_REASONS } from '../../../src/lab/drop-reasons.ts';
import { CAUSES } from '../../../src/scenario/analysis/causes.ts';
import { meaningOf } from '../../../src/scenario/analysis/drop-causes.ts';
import type { FlowAnalysis } from '../../../src/scenario/analysis/model.ts';
import type { RunReport } from '../../../src/scenario/report.ts';
import { runInMemory, topologyOf } from '../../support/scenarios.ts';

async function run(file: string): Promise<RunReport> {
  const url = new URL(`../../fixtures/${file}.yaml`, import.meta.url);
  const { report } = await runInMemory(topologyOf(readFileSync(url, 'utf8'), `${file}.yaml`));
  return report;
}

function told({ analysis }: RunReport, name: string): FlowAnalysis {
  const found = analysis?.flows.find(({ flow }) => flow === name);
  if (found === undefined) throw new Error(`nothing is told of ${name}`);
  return found;
}

describe('a drop reason', () => {
  test.each(DROP_REASONS)('%s has a cause, or says why it has none', (reason) => {
    const meaning = meaningOf(reason);
    if (meaning.cause === null) {
      expect(meaning.why.length).toBeGreaterThan(20);
    } else {
      expect(Object.keys(CAUSES)).toContain(meaning.cause);
      expect(['unknown', 'dropped']).not.toContain(meaning.cause);
      expect(meaning.says).not.toBe('');
    }
  });

  test('of a cluster network from elsewhere is a cause in itself', () => {
    expect(meaningOf('acl-deny')).toMatchObject({ cause: 'dropped' });
  });
});

describe('of public reports', () => {
  test.each([
    [
      'cable-pulled',
      'ping',
      'no-carrier',
      "box's own cable eth0 has been out since 10.200, and the route over it stays (box drops it: link-down)",
      'the cable box/eth0 worked again',
    ],
    [
      'primary-removed',
      'vip24',
      'not-held',
      '10.1.0.100 went with 10.1.0.21, the primary address of node/eth0, at 10.000 (promote_secondaries is 0), and node does not forward what is still sent to it (node drops it: not-forwarding)',
      'it had not ended when the run did',
    ],
    [
      'same-mac',
      'p1-p2',
      'same-mac',
      'pc1 and pc2 both have the MAC address 00:50:79:66:68:00, and the switch sends a frame to one port only, never back to that which it came from (lan drops it: same-port)',
      'it had not ended when the run did',
    ],
  ])('%s: why, and what ended it', async (file, flow, cause, text, ended) => {
    const report = await run(`reports/outage-cause-unknown/${file}`);
    expect(report.outcome).toBe('passed');
    expect(told(report, flow).stages).toMatchObject([{ cause, text }]);
    expect(told(report, flow).ended).toBe(ended);
  });
});

describe('a lab of a common mistake names it', () => {
  test.each([
    ['address-removed', 'web', 'not-held', 'b gave up 10.0.0.2 at 5.000', 'b got 10.0.0.2'],
    ['arp-ignored', 'web', 'arp-suppressed', 'arp_ignore is 8', 'b set arp_ignore to 0'],
    ['arp-lost', 'ping', 'wire', 'lost every frame sent by b since 0.001', 'b/eth0 worked again'],
    ['blackhole-route', 'ping', 'route-refuses', 'the route of r to 10.2.0.10 says blackhole', ''],
    ['cable-other-end', 'web', 'no-carrier', 'b/eth0 has been out since 5', 'b/eth0 worked again'],
    ['conntrack-full', 'ping', 'table-full', 'nf_conntrack_max', ''],
    ['corrupt', 'ping', 'damaged', 'bad-icmp-checksum', 'the cable b/eth0 worked again'],
    ['firewall-drop', 'web', 'refused', 'r drops packets', ''],
    ['firewall-drop', 'ping', 'refused', 'filter-reject', ''],
    ['gateway-is-a-host', 'web', 'not-a-router', 'ip_forward is 0', ''],
    ['mtu-blackhole', 'big', 'too-big', 'must not be fragmented', ''],
    ['no-gateway', 'ping', 'no-route', 'a has no route to 10.2.0.10', ''],
    ['no-route-back', 'ping', 'no-route', 'does not come back: b has no route to 10.1.0.10', ''],
    [
      'not-believed',
      'fresh',
      'locktime',
      'fresh heard the announcement of new within its locktime (500ms left)',
      '',
    ],
    ['not-believed', 'deaf', 'announcement-refused', '(profile ignores-garp)', ''],
    ['not-believed', 'cautious', 'announcement-refused', '(drop_gratuitous_arp is 1)', ''],
    ['not-believed', 'fixed', 'permanent-entry', 'the entry of fixed for 10.0.0.100', ''],
    ['one-way', 'ping', 'no-carrier', 'dark in the outgoing direction since 5', 'worked again'],
    ['other-subnet', 'ping', 'no-route', 'a has no route to 10.0.1.2', ''],
    [
      'partition',
      'web',
      'partition',
      'kept apart by a partition of lan',
      'partition of lan healed',
    ],
    ['port-closed', 'web', 'no-listener', 'no program listens there', ''],
    ['port-closed', 'dns', 'no-carrier', 'the cable b/eth0 has been out since 5.000', ''],
    ['powered-off', 'ping', 'machine-down', 'b has had no power since 5.000', 'b was powered on'],
    ['router-off', 'web', 'machine-down', 'r has had no power since 5.000', 'r was powered on'],
    ['rp-filter', 'ping', 'reverse-path', 'rp_filter', ''],
    ['silent-server', 'dns', 'no-answer', 'requests reach 10.2.0.10', ''],
    [
      'snat-to-nobody',
      'ping',
      'source-gone',
      'still leaves as 10.2.0.99, which no machine has',
      '',
    ],
    ['source-removed', 'web', 'no-route', 'a has no route to 10.0.0.2', 'a got 10.0.0.1'],
    ['static-arp', 'ping', 'wrong-mac', '02:00:00:00:00:99 (a static entry)', ''],
    ['too-slow', 'ping', 'no-answer', 'no answer is back within the timeout', ''],
    ['ttl-loop', 'ping', 'routing-loop', 'round: r1, r2, r1', ''],
    ['wrong-gateway', 'ping', 'not-held', 'no machine on left has 10.1.0.254', ''],
    ['wrong-netmask', 'ping', 'not-held', 'a takes 10.2.0.10 for a neighbor on left', ''],
  ])('%s: %s is stopped by %s', async (file, name, cause, text, ended) => {
    const flow = told(await run(`outages/${file}`), name);
    expect(flow.stages).toContainEqual(
      expect.objectContaining({ cause, text: expect.stringContaining(text) }),
    );
    expect(flow.ended).toContain(ended);
    for (const stage of flow.stages) expect(stage.cause).not.toBe('unknown');
  });
});

test('the reference lists every cause with its meaning', () => {
  const reference = readFileSync(
    new URL('../../../docs/reference/report.md', import.meta.url),
    'utf8',
  );
  const rows = [...reference.matchAll(/^\| `([a-z-]+)` \| (.*) \|$/gm)];
  const causes = rows.map(([, cause = '', meaning = '']) => [cause, meaning]);
  for (const cause of Object.entries(CAUSES)) expect(causes).toContainEqual(cause);
});

test('an announcement that was not believed is listed under its address, with the reason of each', async () => {
  const lines = renderAnalysis(await run('outages/not-believed'), 100, createStyle(false));
  const chapter = lines.slice(0, lines.indexOf('')).join(' ').replace(/\s+/g, ' ');
  for (const said of [
    '5.100 fixed heard the announcement of new but its entry is permanent',
    '5.100 cautious heard the announcement of new but believes no announcements (drop_gratuitous_arp is 1)',
    '5.100 deaf heard the announcement of new but believes no announcements (profile ignores-garp)',
    '5.100 fresh heard the announcement of new within its locktime (500ms left)',
  ]) {
    expect(chapter).toContain(said);
  }
});

test('a lab without a cluster gets its paragraph in print', async () => {
  const report = await run('outages/no-gateway');
  expect(renderAnalysis(report, 100, createStyle(false))).toEqual([
    'web and ping were not answered for 20.0 s, from 0.000 on',
    '   0.000  a has no route to 10.2.0.10 (20.0 s)',
    '          it had not ended when the run did',
  ]);
});
