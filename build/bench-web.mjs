// How fast the pages are, in Chromium: `npm run bench:web`, with `-- live` or `-- playground` for one
// of the two. Prints a table; what does not come within its time is a row of it as well.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MAIN = join(ROOT, 'dist/main.js');
const AUTOMATIC = readFileSync(join(ROOT, 'topologies/automatic.yaml'), 'utf8');
const directory = mkdtempSync(join(tmpdir(), 'egresslab-bench-web-'));
const environment = { ...process.env, XDG_RUNTIME_DIR: directory };

const browser = await chromium.launch({
  executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
try {
  if (process.argv[2] !== 'live') await playground();
  if (process.argv[2] !== 'playground') await live();
} finally {
  await browser.close();
  rmSync(directory, { recursive: true });
}

async function playground() {
  const server = await start(['web', '--no-open']);
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.goto(server.link);
    await page.waitForSelector('.ladder .row');
    const paint = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
    );
    report('first paint', `${paint.toFixed(0)} ms`, 'under 1,000 ms');
    const begun = performance.now();
    await page.selectOption('[aria-label="Included labs"]', 'automatic');
    await page.waitForSelector('.title:has-text("automatic")');
    await page.waitForSelector('.ladder .row');
    report('automatic run and shown', milliseconds(begun), 'under 3,000 ms');
    await longer(page, '4m');
    await scrub(page, 'scrubbing 4 minutes of automatic');
    await anHour(page);
    await page.close();
  } finally {
    server.process.kill('SIGINT');
  }
}

/** The longest run, and what it holds in memory. */
async function anHour(page) {
  const begun = performance.now();
  const what = '60 minutes of automatic run and shown';
  try {
    await longer(page, '60m');
  } catch (error) {
    if (error.name !== 'TimeoutError') throw error;
    report(what, 'not within 180 s', '');
    return;
  }
  report(what, milliseconds(begun), '');
  await scrub(page, 'scrubbing 60 minutes of automatic');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0;
  report('heap of the page with them', `${(heap / 1e6).toFixed(0)} MB`, 'under 300 MB');
  report('what the page says', await page.innerText('.ladder-head [role=status]'), '');
}

/** Runs automatic for so long and waits until it is shown. */
async function longer(page, duration) {
  const text = AUTOMATIC.replace(/^ {2}duration: .*$/m, `  duration: ${duration}`).replace(
    'name: automatic',
    `name: automatic-${duration}`,
  );
  await page.locator('.cm-content').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
  await page.keyboard.press('Control+Enter');
  const title = `.title:has-text("automatic-${duration}")`;
  await page.waitForSelector(title, { timeout: 180_000 });
  await page.waitForSelector('.ladder .row');
}

/** Moves the cursor through the whole run, and looks for pauses. */
async function scrub(page, what) {
  const found = await page.evaluate(async () => {
    const all = [...document.querySelectorAll('.ladder-head button')].find(
      ({ textContent }) => textContent === 'all',
    );
    all?.click();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const range = document.querySelector('.scrub');
    const steps = [];
    let longest = 0;
    let last = performance.now();
    for (let at = 0; at < 200; at++) {
      const position = ((at * 7919) % 200) / 200;
      range.value = String(position * Number(range.max));
      const begun = performance.now();
      range.dispatchEvent(new Event('input', { bubbles: true }));
      await Promise.resolve();
      steps.push(performance.now() - begun);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }
    steps.sort((a, b) => a - b);
    const shown = document.querySelector('.ladder-head [role=status]')?.textContent ?? '';
    return { shown, median: steps[100], p95: steps[190], longest };
  });
  const { longest, median, p95, shown } = found;
  report(
    what,
    `script ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)}; longest frame ${longest.toFixed(0)} ms`,
    `under 50 ms; ${shown}`,
  );
}

/** What watching costs a lab that is busy: its processor time, without and with a page. */
async function live() {
  const server = await start(['up', 'automatic', '--web', '--no-open', '--no-capture']);
  const { pid } = server.process;
  try {
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const alone = await processorTime(pid, 8000);
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.goto(server.link);
    await page.waitForSelector('.ladder .row');
    const watched = await processorTime(pid, 8000);
    report(
      'processor of a live lab, alone and watched',
      `${alone.toFixed(1)} %, ${watched.toFixed(1)} %`,
      'at most 10 points more',
    );
    await page.close();
  } finally {
    server.process.kill('SIGINT');
  }
}

/** Percent of one processor over so many milliseconds. */
async function processorTime(pid, period) {
  const ticks = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = ticks();
  await new Promise((resolve) => setTimeout(resolve, period));
  return ((ticks() - before) / 100 / (period / 1000)) * 100;
}

function start(words) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...words], { cwd: ROOT, env: environment });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const [link] = /http:\/\/\S+/.exec(said) ?? [];
      if (link !== undefined) resolve({ process: child, link });
    });
    child.on('exit', () => reject(new Error(`it ended: ${said}`)));
  });
}

function milliseconds(begun) {
  return `${(performance.now() - begun).toFixed(0)} ms`;
}

function report(what, found, wanted) {
  process.stdout.write(`${what.padEnd(44)} ${found.padEnd(52)} ${wanted}\n`);
}
