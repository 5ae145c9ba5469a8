// The page of a running lab, in Chromium. Runs dist/, which `npm test` builds first.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, launchChromium } from '../support/browser.ts';
import { accessibilityProblems, openPage, type WatchedPage } from '../support/page.ts';
import { requireTools } from '../support/tools.ts';

const isNowhere = process.env.EGRESSLAB_NO_CHROMIUM === '1';
const { skip, remark } = isNowhere
  ? { skip: true, remark: ' (skipped: no chromium for this system)' }
  : requireTools(CHROMIUM);
const MAIN = join(import.meta.dirname, '../../dist/main.js');

let directory = '';
let lab: ChildProcess;
let said = '';
let own = '';

/** The link that the terminal showed last. */
function link(): string {
  return [...said.matchAll(/http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/g)].at(-1)?.[0] ?? '';
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-page-'));
  mkdirSync(join(directory, 'run'), { mode: 0o700 });
  const env = { PATH: process.env.PATH ?? '', XDG_RUNTIME_DIR: join(directory, 'run') };
  const words = ['up', 'duplicate-ip', '--web', '--no-open', '--no-capture'];
  lab = spawn(process.execPath, [MAIN, ...words], { cwd: directory, env });
  lab.stdout?.on('data', (chunk) => {
    said += chunk;
  });
  while (link() === '' && lab.stdout !== null) await once(lab.stdout, 'data');
  own = new URL(link()).origin;
});
afterAll(() => {
  lab.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

interface Answered {
  readonly status: number;
  readonly cookie: string;
  readonly text: string;
}

function ask(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request(`${own}${path}`, { method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        const cookie = String(response.headers['set-cookie'] ?? '').split(';')[0] ?? '';
        resolve({ status: response.statusCode ?? 0, cookie, text });
      });
    });
    asked.on('error', reject);
    asked.end(method === 'POST' ? 'status' : undefined);
  });
}

describe('who may see a lab', () => {
  test('nobody without the link, under another name, from another page, or with a used link', async () => {
    expect((await ask('/')).status).toBe(403);
    expect((await ask('/stream')).status).toBe(403);
    expect((await ask('/', { host: 'evil.example' })).status).toBe(421);
    expect((await ask('/?token=guess')).status).toBe(403);
    const path = link().slice(own.length);
    const { cookie, status } = await ask(path);
    expect(status).toBe(303);
    expect((await ask(path)).text).toContain('This link was used already');
    expect((await ask('/', { cookie })).status).toBe(200);
    expect((await ask('/command', { cookie }, 'POST')).status).toBe(403);
    expect((await ask('/command', { cookie, origin: 'http://127.0.0.1:1' }, 'POST')).status).toBe(
      403,
    );
    expect((await ask('/stream', { cookie, 'sec-fetch-site': 'same-site' })).status).toBe(403);
    const answer = await ask('/command', { cookie, origin: own }, 'POST');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('worker01');
    expect(answer.text.trimEnd().split('\n').at(-1)).toBe('{"exit":0}');
  });
});

describe.skipIf(skip)(`in a browser${remark}`, () => {
  let browser: Browser;
  let opened: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium();
    opened = await openPage(
      browser,
      link(),
      (url) => url.startsWith(own) || url.startsWith('data:'),
    );
    ({ page } = opened);
    await page.waitForSelector('.ladder .row');
  });
  afterAll(() => browser.close());

  /** The machines of CI are slow, and other tests run beside this one. */
  function patiently<T>(look: () => Promise<T>): ReturnType<typeof expect.poll<T>> {
    return expect.poll(look, { timeout: 15_000 });
  }

  async function type(line: string): Promise<void> {
    await page.fill('#command', line);
    await page.press('#command', 'Enter');
  }

  test('the page follows the lab: its time passes and its frames arrive', async () => {
    const clock = await page.innerText('.clock');
    await patiently(() => page.innerText('.clock')).not.toBe(clock);
    expect(await page.innerText('.title')).toContain('duplicate-ip');
    expect(await page.innerText('.live-side')).toMatch(/following\s+\d+ frames\/s/);
    await patiently(() => page.locator('.ladder .row').count()).toBeGreaterThan(3);
  });

  test('a button fails a machine, the picture shows it off, the log shows the command', async () => {
    await page.selectOption('.inspector select', 'worker02');
    await page.click('.actions >> text=fail');
    await patiently(() => page.innerText('.scrollback')).toContain('$ fail worker02');
    await patiently(() => page.innerText('.inspector')).toContain('node, off');
    await patiently(() => page.locator('.tile.off').allInnerTexts()).toHaveLength(1);
    await page.click('.actions >> text=restore');
    await patiently(() => page.innerText('.scrollback')).toContain('worker02: power on');
  });

  test('a cable is pulled and plugged in again', async () => {
    await page.selectOption('.inspector select', 'db');
    await page.click('.cables >> text=pull');
    await patiently(() => page.innerText('.cables')).toContain('no carrier');
    expect(await page.locator('.cable.cut').count()).toBe(1);
    await page.click('.cables >> text=plug in');
    await patiently(() => page.locator('.cable.cut').count()).toBe(0);
  });

  test('the command line takes what the terminal takes, and says what is wrong', async () => {
    await type('kubectl get hostsubnets');
    await patiently(() => page.innerText('.scrollback')).toContain('192.168.50.145');
    await type('arp db');
    await patiently(() => page.innerText('.scrollback')).toContain('lladdr');
    await type('fail worker99');
    await patiently(() => page.innerText('.scrollback')).toContain('Did you mean "worker01"?');
    await type('run automatic');
    await patiently(() => page.innerText('.scrollback')).toContain('cannot be typed on the page');
    await type('oc get hostsubnets -w');
    await page.click('.terminal form button');
    await patiently(() => page.innerText('.scrollback')).toContain('stopped');
  });

  test('a step back stays where it is while the lab goes on; End follows again', async () => {
    await page.locator('.rows').focus();
    await page.keyboard.press('ArrowUp');
    const clock = await page.innerText('.clock');
    await page.waitForTimeout(600);
    expect((await page.innerText('.clock')).split('/')[0]).toBe(clock.split('/')[0]);
    expect(await page.innerText('.live-side')).toContain('follow the lab');
    await page.keyboard.press('End');
    await patiently(() => page.innerText('.live-side')).toContain('following');
  });

  test('axe finds nothing, and no policy was broken', async () => {
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(opened.trouble).toEqual([]);
  });

  test('a lab that is killed leaves the picture as it was, with a plain message', async () => {
    lab.kill('SIGKILL');
    await once(lab, 'close');
    await patiently(() => page.innerText('.notice')).toContain('The lab does not answer since');
    expect(await page.locator('.tile').count()).toBeGreaterThan(3);
  });
});
