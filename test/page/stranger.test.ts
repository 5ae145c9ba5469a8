// What somebody does who opens the page for the first time, on a web server that knows nothing of labs.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Download, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, launchChromium } from '../support/browser.ts';
import { openPage, type WatchedPage } from '../support/page.ts';
import { requireTools, run } from '../support/tools.ts';

const isNowhere = process.env.EGRESSLAB_NO_CHROMIUM === '1';
const { skip, remark } = isNowhere
  ? { skip: true, remark: ' (skipped: no chromium for this system)' }
  : requireTools(CHROMIUM, 'tshark');
const FOLDER = new URL('../../dist/web/', import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
};

describe.skipIf(skip)(`a stranger on the static page${remark}`, () => {
  let server: Server;
  let browser: Browser;
  let opened: WatchedPage;
  let page: Page;
  let directory = '';

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'egresslab-stranger-'));
    server = createServer(({ url = '/' }, response) => {
      const name = url === '/' ? 'index.html' : url.slice(1);
      try {
        const content = readFileSync(new URL(name, FOLDER));
        response.setHeader('content-type', TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain');
        response.end(content);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const address = `http://127.0.0.1:${port}/`;
    browser = await launchChromium();
    const allowed = (url: string): boolean => url.startsWith(address) || /^(data|blob):/.test(url);
    opened = await openPage(browser, address, allowed);
    ({ page } = opened);
    await page.waitForSelector('.ladder .row');
  });
  afterAll(async () => {
    await browser.close();
    server.close();
    rmSync(directory, { recursive: true });
  });

  async function beliefOfGateway(): Promise<string> {
    const words = await page.locator('.tile title').allTextContents();
    return (
      /believes 192\.168\.50\.120 is at (\S+)/.exec(
        words.find((each) => each.includes(' gateway;')) ?? '',
      )?.[1] ?? ''
    );
  }

  test('sees two machines answer for one address', async () => {
    await page.selectOption('[aria-label="Included labs"]', 'duplicate-ip');
    await page.waitForSelector('.run:not([disabled])');
    await page.click('.chip');
    expect(await page.innerText('.banner')).toMatch(/CONFLICT.*worker01.*and.*printer/s);
    expect(await page.locator('.tile.rival').count()).toBe(2);
  });

  test('steps frame by frame to where the gateway changes over, and sees the entry marked', async () => {
    expect(await beliefOfGateway()).toBe('worker01');
    let steps = 0;
    while ((await beliefOfGateway()) === 'worker01' && steps < 200) {
      await page.keyboard.press('ArrowRight');
      steps++;
    }
    expect(await beliefOfGateway()).toBe('printer');
    expect(steps).toBeGreaterThan(1);
    await page.click('#tab-tables');
    await page.selectOption('.tables select >> nth=0', 'neighbors');
    expect(await page.locator('.tables tr.changed').allInnerTexts()).toEqual([
      expect.stringContaining('192.168.50.120'),
    ]);
    await page.locator('.rows').focus();
    // Tables are those at the end of an instant, and an instant may have several frames.
    for (let back = 0; back < 8 && (await beliefOfGateway()) === 'printer'; back++) {
      await page.keyboard.press('ArrowLeft');
    }
    expect(await beliefOfGateway()).toBe('worker01');
  });

  test('looks closer at the lanes, and is told why', async () => {
    await page.click('[aria-label="Less time"]');
    await page.click('[aria-label="Less time"]');
    const scale = await page.locator('.scale span').allInnerTexts();
    expect(Number(scale.at(-1)) - Number(scale[0])).toBeCloseTo(15, 0);
    await page.hover('.lane:has-text("gateway believes") .span');
    expect(await page.innerText('.told')).toMatch(/gateway believes \w+, by \w+/);
    await page.click('[aria-label="All of the time"]');
    expect((await page.locator('.scale span').allInnerTexts())[0]).toBe('0.000');
  });

  test('is helped by the editor: keys, names, and what a key means', async () => {
    await page
      .locator('.cm-content span', { hasText: /^segments$/ })
      .first()
      .hover();
    await page.waitForSelector('.meaning');
    await page.locator('.cm-content').focus();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('sce');
    await page.waitForSelector('.cm-tooltip-autocomplete');
    expect(await page.innerText('.cm-tooltip-autocomplete')).toContain('scenario');
    await page.keyboard.press('Escape');
    for (let at = 0; at < 3; at++) await page.keyboard.press('Backspace');
  });

  test('changes one line, runs again, and takes away a capture that tshark opens', async () => {
    const source = readFileSync(
      new URL('../../topologies/duplicate-ip.yaml', import.meta.url),
      'utf8',
    );
    const lines = source.split('\n');
    const at = lines.findIndex((line) => line.includes('192.168.50.120/24'));
    await page.locator('.cm-content').focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(source);
    // A list of suggestions would take the arrows.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Home');
    for (let line = 0; line < at; line++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(
      (lines[at] ?? '').trim().replace('192.168.50.120', '192.168.50.121'),
    );
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('.chip', { state: 'detached' });
    const [file] = await Promise.all([
      page.waitForEvent('download') as Promise<Download>,
      page.click('text=⇩ capture'),
    ]);
    const path = join(directory, 'lab.pcapng');
    await file.saveAs(path);
    const read = run('tshark', '-r', path, '-T', 'fields', '-e', 'frame.interface_name');
    const ports = read.trim().split('\n');
    expect(ports.length).toBeGreaterThan(500);
    expect(new Set(ports)).toContain('gateway/eth0');
    expect(opened.trouble).toEqual([]);
  });
});
