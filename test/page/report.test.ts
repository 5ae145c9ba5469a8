// `run --html`: one file that shows a run, opened from a disk by Chromium.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run as command } from '../../src/cli/run.ts';
import type { RunReport } from '../../src/scenario/report.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { CHROMIUM, launchChromium } from '../support/browser.ts';
import { accessibilityProblems, openPage, texts, type WatchedPage } from '../support/page.ts';
import { requireTools } from '../support/tools.ts';

// .ci/run says so on a system that offers no chromium.
const isNowhere = process.env.EGRESSLAB_NO_CHROMIUM === '1';
const { skip, remark } = isNowhere
  ? { skip: true, remark: ' (skipped: no chromium for this system)' }
  : requireTools(CHROMIUM);

let directory = '';
let report: RunReport;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-report-'));
  const { code, out } = await egresslab('run duplicate-ip --no-capture --json --html story.html');
  expect(code).toBe(0);
  report = JSON.parse(out);
});
afterAll(() => rmSync(directory, { recursive: true }));

async function egresslab(
  line: string,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const io = fakeIo({ workingDirectory: directory });
  const code = await command(line.split(' '), io, runScenario);
  return { code, out: io.out(), err: io.err() };
}

function urlOf(name: string): string {
  return pathToFileURL(join(directory, name)).href;
}

describe('the file', () => {
  test('is small, asks for nothing, and allows its own script alone', () => {
    expect(statSync(join(directory, 'story.html')).size).toBeLessThan(3_000_000);
    const page = readFileSync(join(directory, 'story.html'), 'utf8');
    expect(page).toContain("default-src 'none'; script-src 'sha256-");
    expect(page).not.toMatch(/<(script|link|img|iframe)[^>]+(src|href)="(?!data:)/);
    expect(page).toContain('<title>! duplicate-ip: passed – egresslab</title>');
  });

  test('takes the place of an older report, and of nothing else', async () => {
    const again = await egresslab('run garp-lost --no-capture --quiet --html story2.html');
    expect(again.code).toBe(0);
    expect((await egresslab('run garp-lost --no-capture -q --html story2.html')).code).toBe(0);
    writeFileSync(join(directory, 'notes.html'), 'mine');
    const refused = await egresslab('run garp-lost --no-capture -q --html notes.html');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('EGL_FILE_EXISTS');
    expect(readFileSync(join(directory, 'notes.html'), 'utf8')).toBe('mine');
    const missing = await egresslab('run garp-lost --no-capture -q --html none/story.html');
    expect(missing.err).toContain('EGL_FILE_UNWRITABLE');
    expect(readdirSync(directory).sort()).toEqual(['notes.html', 'story.html', 'story2.html']);
  });
});

describe.skipIf(skip)(`opened from a disk${remark}`, () => {
  let browser: Browser;
  let opened: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium();
    opened = await openPage(browser, urlOf('story.html'), (url) => /^(file|data):/.test(url));
    ({ page } = opened);
    await page.waitForSelector('.transport');
  });
  afterAll(() => browser.close());

  /** Where the cursor stands, and what the tables say there. */
  async function here(): Promise<string> {
    await page.waitForTimeout(50);
    return `${await page.innerText('.clock')} ${await page.innerHTML('#lab')} ${await page.innerText('#panel-tables')}`;
  }

  test('the story is that of the report, and each sentence leads to its instant', async () => {
    const told = await texts(page, '[aria-label="Timeline"] .sentence span:last-child');
    expect(told).toEqual(report.timeline.map(({ text }) => text));
    const held = await texts(page, '[aria-label="Expectations"] .sentence .source');
    expect(held).toEqual(report.expectations.map(({ verdict }) => verdict));
    const flows = await texts(page, '#panel-story tbody tr');
    expect(flows.map((row) => row.split('\t').slice(2, 5).map(Number))).toEqual(
      report.flows.map(({ answered, lost, sent }) => [sent, answered, lost]),
    );
    await page.click('[aria-label="Timeline"] li:last-child button');
    const last = report.timeline.at(-1)?.at ?? 0;
    expect(await page.innerText('.clock')).toContain((last / 1e9).toFixed(6));
  });

  test('a conflict is said by banner, lane, picture and title, and gone before it', async () => {
    await page.click('.chip');
    expect(await page.innerText('.banner')).toMatch(
      /CONFLICT.*worker01.*printer.*192\.168\.50\.120/s,
    );
    expect(await page.title()).toMatch(/^! /);
    expect(await page.locator('.span-conflict').count()).toBe(1);
    const rivals = await page.locator('.tile.rival title').allTextContents();
    expect(rivals.map((words) => words.split(';')[0]).sort()).toEqual([
      'host printer',
      'node worker01',
    ]);
    await page.keyboard.press('Home');
    expect(await page.locator('.banner').count()).toBe(0);
    expect(await page.title()).not.toMatch(/^! /);
  });

  test('tables at the end are those of the report', async () => {
    await page.keyboard.press('5');
    await page.keyboard.press('End');
    const rows = await texts(page, '#panel-tables tbody tr:not(.gone)');
    const seen = rows.map((row) => row.split('\t').slice(0, 5).join(' ')).sort();
    const wanted = report.neighbors.map(
      (row) => `${row.machine} ${row.interface} ${row.address} ${row.mac ?? '–'} ${row.state}`,
    );
    expect(seen).toEqual(wanted.sort());
  });

  test('keys step, step back to the same, and mark what changed', async () => {
    await page.keyboard.press('Home');
    for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowRight');
    const before = await here();
    const clock = await page.innerText('.clock');
    for (const key of ['ArrowRight', '.', ']', 'Shift+ArrowRight']) await page.keyboard.press(key);
    expect(await page.innerText('.clock')).not.toBe(clock);
    await page.keyboard.press('Home');
    for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowRight');
    expect(await here()).toBe(before);
    await page.keyboard.press('Home');
    // Two announcements after its start the gateway's entry comes, and is marked.
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    expect(await page.locator('#panel-tables tr.changed').count()).toBeGreaterThan(0);
  });

  test('the ladder shows what the filter lets through, and follows a packet', async () => {
    await page.keyboard.press('/');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('drops');
    const status = await page.innerText('.ladder-head [role=status]');
    const [shown = 0, all = 0] = [...status.matchAll(/[\d,]+/g)].map(([text]) =>
      Number(text.replace(',', '')),
    );
    expect(all).toBeGreaterThan(shown);
    const rows = await texts(page, '.row .reason');
    expect(rows.length).toBeGreaterThan(0);
    await page.locator('.rows').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    const chosen = page.locator('.row.chosen');
    expect(await chosen.locator('.sr').textContent()).toContain('dropped: ');
    await page.keyboard.press('p');
    expect(await page.inputValue('#filter')).toMatch(/^packet:\d+$/);
    await page.keyboard.press('p');
    expect(await page.inputValue('#filter')).toBe('192.168.50.120');
  });

  test('a field and its octets light up each other', async () => {
    await page.keyboard.press('4');
    await page.keyboard.press('ArrowRight');
    await page.locator('.field', { hasText: 'Destination' }).first().click();
    expect(await page.locator('.hex .lit').count()).toBe(6);
    await page.mouse.move(0, 0);
    await page.locator('.field', { hasText: 'Destination' }).first().focus();
    await page.locator('.hex').focus();
    for (let octet = 0; octet < 12; octet++) await page.keyboard.press('ArrowRight');
    expect(await page.innerText('.hex-field')).toBe('EtherType');
  });

  test.each(['story', 'frame', 'tables'])(
    'axe-core finds nothing with the %s open',
    async (tab) => {
      await page.click('.chip');
      await page.click(`#tab-${tab}`);
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.click('text=◐ theme');
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.click('text=◐ theme');
    },
  );

  test('a report that was cut says so instead of a blank page', async () => {
    const whole = readFileSync(join(directory, 'story.html'), 'utf8');
    const cut = whole.replace(/(octet-stream">.{1000})[^<]*/s, '$1');
    writeFileSync(join(directory, 'cut.html'), cut);
    const broken = await openPage(browser, urlOf('cut.html'), () => true);
    await broken.page.waitForSelector('.problem');
    expect(await broken.page.innerText('h1')).toContain('cannot be read. It was cut off');
    expect(broken.trouble).toEqual([]);
  });

  test('nothing of it was an error, against the policy, or a request', () => {
    expect(opened.trouble).toEqual([]);
  });
});
