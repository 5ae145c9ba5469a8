// What people read, as they read it. Lines in snapshots end where they end on the screen.

import { describe, expect, test } from 'vitest';
import { renderCaptures } from '../../../src/cli/render/captures.ts';
import { renderExpectations } from '../../../src/cli/render/expectations.ts';
import { renderFlows } from '../../../src/cli/render/flows.ts';
import { renderHeading, renderPace } from '../../../src/cli/render/heading.ts';
import { renderObjectTables } from '../../../src/cli/render/object-tables.ts';
import { renderBug } from '../../../src/cli/render/problem.ts';
import { createStyle, wantsColor } from '../../../src/cli/render/style.ts';
import { renderTable } from '../../../src/cli/render/table.ts';
import {
  renderTimelineEntry,
  sourceWidth,
  TimelineLines,
} from '../../../src/cli/render/timeline.ts';
import { expectation, sampleReport } from '../sample-report.ts';

const plain = createStyle(false);
const report = sampleReport();

/** Framed, so that trailing spaces would show. */
function screen(lines: readonly string[]): string {
  return `\n${lines.map((line) => `${line}|`).join('\n')}\n`;
}

describe('table', () => {
  test('lines columns up, numbers to the right, and folds the last column', () => {
    const lines = renderTable(
      [{ title: 'NAME' }, { title: 'SENT', align: 'right' }, { title: 'SEEN AS' }],
      [
        ['a', '1', ['10.0.0.1 (5)', '10.0.0.2 (4)', '10.0.0.3 (1)']],
        ['節点', '1,000', '-'],
        ['', '', ''],
      ],
      45,
    );
    expect(screen(lines)).toMatchInlineSnapshot(`
      "
      NAME   SENT  SEEN AS|
      a         1  10.0.0.1 (5), 10.0.0.2 (4),|
                   10.0.0.3 (1)|
      節点  1,000  -|
      |
      "
    `);
  });

  test('a header alone is a table too', () => {
    expect(renderTable([{ title: 'A' }, { title: 'B' }], [], 80)).toEqual(['A  B']);
  });
});

test('flows', () => {
  expect(screen(renderFlows(report.flows, 100, plain))).toMatchInlineSnapshot(`
    "
    FLOW       PROTOCOL     SENT  ANSWERED    LOST  LONGEST OUTAGE  SEEN AS|
    web-to-db  tcp 5432      590       400     190  19.0 s          192.168.50.120 (395),|
                                                                    192.168.50.145 (5)|
    ping       icmp echo  12,345         0  12,345  60.0 s          -|
    web-to-db: answered by db (02:00:00:00:00:0a)|
    ping: never answered, egress-dropped on worker01|
    "
  `);
  expect(renderFlows([], 100, plain)).toEqual([]);
});

test('flows stay within 90 columns on a narrow terminal', () => {
  for (const line of renderFlows(report.flows, 80, plain)) expect(line.length).toBeLessThan(91);
});

test('the timeline', () => {
  const width = sourceWidth(['db', 'worker02']);
  const lines = report.timeline.map((entry) => renderTimelineEntry(entry, width, plain));
  expect(screen(lines)).toMatchInlineSnapshot(`
    "
       2.003  controller  gives 192.168.50.120 to worker02|
      10.000  worker02    power off|
    "
  `);
});

test('a flood of one kind within one second is folded into a number', () => {
  const [entry] = report.timeline;
  if (entry === undefined) throw new Error('the sample has a timeline');
  const lines = new TimelineLines(10, plain);
  const flood = Array.from({ length: 1234 }, (_, index) => lines.next({ ...entry, at: index }));
  expect(flood.flat()).toHaveLength(20);
  expect(screen(lines.next({ ...entry, kind: 'other', at: 1.5e9 }))).toMatchInlineSnapshot(`
    "
       0.000  ...         1,214 more of egress-ip-assigned in this second; --json has them all|
       1.500  controller  gives 192.168.50.120 to worker02|
    "
  `);
  expect(lines.rest()).toEqual([]);
});

test('a hostile name stays on its line', () => {
  const [entry] = report.timeline;
  if (entry === undefined) throw new Error('the sample has a timeline');
  const line = renderTimelineEntry({ ...entry, source: '\x1b]0;x\x07', text: 'a\nb' }, 10, plain);
  expect(line).not.toMatch(/\p{Cc}/u);
});

test('the source column is as wide as the names, within bounds', () => {
  expect(sourceWidth([])).toBe(10);
  expect(sourceWidth(['a-rather-long-name'])).toBe(18);
  expect(sourceWidth(['x'.repeat(63)])).toBe(20);
});

test('the cluster before and after, and what did not change in a word', () => {
  const { before, after } = report.tables ?? { before: null, after: null };
  if (before === null || after === null) throw new Error('the sample has tables');
  expect(screen(renderObjectTables(before, null, plain))).toMatchInlineSnapshot(`
    "
    Before|
    $ oc get nodes|
    NAME       STATUS   ROLES    AGE   VERSION|
    worker01   Ready    worker   23h   v1.17.1|
    worker02   Ready    worker   23h   v1.17.1|
    $ oc get hostsubnets|
    NAME       HOST       HOST IP          SUBNET         EGRESS CIDRS        EGRESS IPS|
    worker01   worker01   192.168.50.144   10.11.0.0/23   [192.168.50.0/24]   [192.168.50.120]|
    "
  `);
  expect(screen(renderObjectTables(after, before, plain))).toMatchInlineSnapshot(`
    "
    After 60 s|
    $ oc get nodes|
    NAME       STATUS     ROLES    AGE   VERSION|
    worker01   Ready      worker   23h   v1.17.1|
    worker02   NotReady   worker   23h   v1.17.1|
    $ oc get hostsubnets   (as before)|
    "
  `);
});

describe('expectations', () => {
  test('those that hold are a number', () => {
    expect(renderExpectations(report.expectations, plain)).toEqual(['2 of 2 expectations hold']);
    expect(renderExpectations([], plain)).toEqual([]);
  });

  test('one that failed says which, when, and what was seen instead', () => {
    const lines = renderExpectations(
      [
        expectation('held'),
        expectation('failed', ['worker01 without egress IPs', 'worker02 with [192.168.50.120]']),
        expectation('not-reached'),
      ],
      plain,
    );
    expect(screen(lines)).toMatchInlineSnapshot(`
      "
      FAILED  at 40.000: hostsubnet: worker01, egressIPs: [192.168.50.120]|
              saw worker01 without egress IPs|
              saw worker02 with [192.168.50.120]|
              expected at lab.yaml:41:7|
      1 of 3 expectations hold, 1 not reached|
      "
    `);
  });
});

describe('captures', () => {
  test('are told with the command that opens them where it is interesting', () => {
    expect(screen(renderCaptures(report, plain))).toMatchInlineSnapshot(`
      "
      captures/lab.pcapng   6,214 frames on 2 ports, 1.2 MB|
        wireshark -r captures/lab.pcapng -Y 'arp.src.proto_ipv4 == 192.168.50.120'|
      "
    `);
  });

  test('without a filter, and as text', () => {
    const [capture] = report.captures;
    if (capture === undefined) throw new Error('the sample has a capture');
    expect(
      screen(
        renderCaptures(
          {
            ...report,
            captures: [
              {
                ...capture,
                path: 'my captures/a.pcapng',
                filter: null,
                ports: ['db/eth0'],
                frames: 1,
              },
              { ...capture, path: 'a.txt', format: 'text' },
            ],
          },
          plain,
        ),
      ),
    ).toMatchInlineSnapshot(`
      "
      my captures/a.pcapng   1 frame on 1 port, 1.2 MB|
        wireshark -r 'my captures/a.pcapng'|
      a.txt   6,214 frames on 2 ports, 1.2 MB|
      "
    `);
  });
});

test('the first and the last words of a run', () => {
  const heading = { name: 'lab', description: 'A lab', seed: 7, duration: 60e9 };
  expect(renderHeading(heading, plain)).toEqual(['lab   seed 7, 60 s of lab time', 'A lab']);
  expect(renderHeading({ ...heading, description: '' }, plain)).toHaveLength(1);
  expect(renderPace(report, 0.2149, plain)).toBe('60 s of lab time in 0.21 s');
  const interrupted = sampleReport({ outcome: 'interrupted', labDuration: 12.3e9 });
  expect(renderPace(interrupted, 1, plain)).toBe('interrupted after 12.3 s of lab time in 1.00 s');
});

test('a bug is told with all that a report needs', () => {
  const lines = renderBug(new TypeError('x is not a function'), 'egresslab run a --seed 7', plain);
  expect(lines.join('\n')).toContain('TypeError: x is not a function\n    at ');
  expect(lines.at(-1)).toBe('  egresslab run a --seed 7');
  expect(lines.at(-2)).toContain(process.version);
});

describe('color', () => {
  test.each([
    [false, true, {}, true],
    [false, false, {}, false],
    [true, true, { FORCE_COLOR: '1' }, false],
    [false, true, { NO_COLOR: '1' }, false],
    [false, true, { NO_COLOR: '' }, true],
    [false, true, { TERM: 'dumb' }, false],
    [false, false, { FORCE_COLOR: '1' }, true],
    [false, true, { FORCE_COLOR: '0' }, false],
    [false, false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ])('refused %s, terminal %s, %o: %s', (refused, isTerminal, environment, expected) => {
    expect(wantsColor(refused, isTerminal, environment)).toBe(expected);
  });

  test('paints around the text, and nothing around nothing', () => {
    expect(createStyle(true).red('x')).toBe('\x1b[31mx\x1b[39m');
    expect(createStyle(true).red('')).toBe('');
    expect(plain.red('x')).toBe('x');
  });
});
