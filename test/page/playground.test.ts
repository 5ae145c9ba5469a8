// The playground as `egresslab web` serves it, in Chromium.

import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Download, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run as command } from '../../src/cli/run.ts';
import { WebServer } from '../../src/platform/web-server.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { CHROMIUM, launchChromium } from '../support/browser.ts';
import { accessibilityProblems, openPage, type WatchedPage } from '../support/page.ts';
import { requireTools } from '../support/tools.ts';

// .ci/run says so on a system that offers no chromium.
const isNowhere = process.env.EGRESSLAB_NO_CHROMIUM === '1';
const { skip, remark } = isNowhere
  ? { skip: true, remark: ' (skipped: no chromium for this system)' }
  : requireTools(CHROMIUM);

/** All files that the playground loads or offers, compressed; the live page has its own two. */
const BUDGET = 600_000;
const FOLDER = fileURLToPath(new URL('../../dist/web/', import.meta.url));

const LOOP = `name: loop
segments:
  one: { subnet: 10.0.0.0/24 }
  two: { subnet: 10.0.0.0/24 }
links: [{ segments: [one, two] }, { segments: [one, two], name: second }]
hosts:
  a: { interfaces: { eth0: { segment: one, address: 10.0.0.1/24 } } }
scenario:
  duration: 5s
  steps: [{ at: 1s, arping: 10.0.0.9, from: a/eth0 }]
`;

let server: WebServer;
let address = '';

beforeAll(async () => {
  server = new WebServer(null);
  address = await server.start(0);
});
afterAll(() => server.stop());

/** Status and headers of what the server says to `host`. */
function ask(
  path: string,
  host: string,
  method = 'GET',
): Promise<{ readonly status: number; readonly policy: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${address}${path}`, { method, headers: { host } }, (response) => {
      response.resume();
      const policy = String(response.headers['content-security-policy']);
      resolve({ status: response.statusCode ?? 0, policy });
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('the server', () => {
  test('answers under its own names alone, to GET alone, and with a policy', async () => {
    const own = new URL(address).host;
    expect((await ask('', own)).status).toBe(200);
    expect((await ask('', own)).policy).toMatch(/^default-src 'none'; script-src 'self';/);
    expect((await ask('', own.replace('127.0.0.1', 'localhost'))).status).toBe(200);
    expect((await ask('', 'evil.example')).status).toBe(421);
    expect((await ask('', own, 'POST')).status).toBe(405);
    expect((await ask('..%2fpackage.json', own)).status).toBe(404);
  });

  test('of the command line says where it is, and ends with Ctrl-C', async () => {
    const io = fakeIo();
    const done = command(['web', 'nat', '--no-open'], io, runScenario);
    await expect.poll(io.out).toMatch(/^The playground is at http:\/\/127\.0\.0\.1:\d+\/ until/);
    const page = await (await fetch(/http:\S+/.exec(io.out())?.[0] ?? '')).text();
    expect(page).toContain('type="application/json">[{"name":"nat",');
    expect(io.signal('SIGINT')).toBe(true);
    expect(await done).toBe(0);
    const wrong = fakeIo();
    expect(await command(['web', '--port', 'many'], wrong, runScenario)).toBe(2);
    expect(wrong.err()).toContain('--port many is not a port');
  });

  test('a topology of the user stands first, whatever it holds', async () => {
    const own = new WebServer({ name: 'own', text: '</script><script>alert(1)</script>' });
    const page = await (await fetch(await own.start(0))).text();
    expect(page).toContain('[{"name":"own","text":"\\u003c/script>\\u003cscript>alert(1)');
    await own.stop();
  });

  test(`the playground has at most ${BUDGET / 1000} kB, compressed`, () => {
    const sizes = readdirSync(FOLDER)
      .filter((name) => !name.startsWith('live.'))
      .map((name) => gzipSync(readFileSync(FOLDER + name)).length);
    const all = sizes.reduce((sum, size) => sum + size, 0);
    expect(all).toBeLessThan(BUDGET);
    expect(all).toBeGreaterThan(BUDGET / 3);
  });
});

describe.skipIf(skip)(`in a browser${remark}`, () => {
  let browser: Browser;
  let opened: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium();
    opened = await visit('');
    ({ page } = opened);
  });
  afterAll(() => browser.close());

  /** Opens the playground and waits for its first run. */
  async function visit(fragment: string): Promise<WatchedPage> {
    const allowed = (url: string): boolean => url.startsWith(address) || /^(data|blob):/.test(url);
    const visited = await openPage(browser, `${address}${fragment}`, allowed);
    await visited.page.waitForSelector('.run:not([disabled])');
    await visited.page.waitForSelector('.ladder, .notice.bad');
    return visited;
  }

  /** Types a topology in place of the one that is there. */
  async function type(text: string): Promise<void> {
    await page.locator('.cm-content').focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(text);
  }

  async function saved(button: string): Promise<Buffer> {
    const [file] = await Promise.all([
      page.waitForEvent('download') as Promise<Download>,
      page.click(`text=${button}`),
    ]);
    return readFileSync(await file.path());
  }

  test('begins with two machines that answer for one address', async () => {
    await page.click('.chip');
    expect(await page.innerText('.banner')).toContain('worker01');
    expect(await page.innerText('.title')).toContain('duplicate-ip');
  });

  test('the capture is the golden one, the report opens, the picture is SVG', async () => {
    const golden = new URL('../../captures/duplicate-ip.pcapng', import.meta.url);
    expect((await saved('⇩ capture')).equals(readFileSync(golden))).toBe(true);
    const report = (await saved('⇩ report')).toString();
    expect(report).toMatch(/<script id="run" type="application\/octet-stream">[\w+/=]{1000}/);
    expect((await saved('⇩ SVG')).toString()).toMatch(/^<svg .*worker01.*<\/svg>$/s);
  });

  test('axe-core finds nothing', async () => {
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.click('text=◐ theme');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.click('text=◐ theme');
  });

  test('a problem is underlined, told with its place and cure, and the last run stays', async () => {
    const before = await page.innerText('.ladder-head [role=status]');
    await type('nmae: pair\nsegments: { lan: { subnet: 10.0.0.0/99 } }\n');
    await page.waitForSelector('.cm-lintRange-error');
    const told = await page.locator('.problems button').allInnerTexts();
    expect(told[0]).toContain('line 1: unknown key "nmae"; did you mean "name"');
    expect(told.some((text) => text.includes('line 2:'))).toBe(true);
    expect(await page.innerText('.notice')).toBe('Shows the run before your change.');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('.notice.bad');
    expect(await page.innerText('.notice')).toContain('nothing was run');
    expect(await page.innerText('.ladder-head [role=status]')).toBe(before);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('a topology that storms is stopped and says so', async () => {
    await type(LOOP);
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('.notice.bad:has-text("EGL_")');
    expect(await page.innerText('.notice')).toMatch(/Stopped at 1\.\d+ s: .*STORM/);
    expect(await page.innerText('.title')).toContain('loop');
  });

  test('one that does not end can be stopped, and the next one runs', async () => {
    const ping = 'flows: { ping: { from: a, to: b, icmp: echo, every: 1ms } }';
    const two = `name: endless
segments: { lan: { subnet: 10.0.0.0/24 } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
scenario:
  duration: DURATION
  ${ping}
`;
    await type(two.replace('DURATION', '100h'));
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('.notice:has-text("Running: ")');
    await page.click('text=stop');
    await page.waitForSelector('.notice.bad:has-text("Stopped.")');
    await type(two.replace('DURATION', '100ms'));
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('.title:has-text("endless")');
  });

  test('a link holds the topology, and a broken one says so', async () => {
    await page.click('text=copy link');
    await page.waitForSelector('.notice:has-text("link")');
    const fragment = new URL(page.url()).hash;
    expect(fragment).toMatch(/^#1[\w-]+$/);
    const other = await visit(fragment);
    expect(await other.page.innerText('.title')).toContain('endless');
    expect(other.trouble).toEqual([]);
    const broken = await visit(fragment.slice(0, 60));
    await broken.page.waitForSelector('.notice.bad');
    expect(await broken.page.innerText('.notice')).toContain('cut off after 58 characters');
    expect(await broken.page.innerText('.title')).toContain('duplicate-ip');
    const later = await visit('#7abc');
    await later.page.waitForSelector('.notice.bad');
    expect(await later.page.innerText('.notice')).toContain('another version');
  });

  test('nothing of it was an error, against the policy, or a request elsewhere', () => {
    expect(opened.trouble).toEqual([]);
  });
});
