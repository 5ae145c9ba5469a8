// The core in a browser: bundled as a web page would have it, and run by a headless Chromium.

import { type Browser, chromium } from 'playwright-core';
import { rolldown } from 'rolldown';
import type { Job, Result } from '../web/job.ts';
import { run } from './tools.ts';

/** Debian's name of the browser, looked for on PATH. */
export const CHROMIUM = 'chromium';

/** What test/web/page.ts is called on its page. */
const PAGE = 'page';

/**
 * A program and all that it imports as one minified script for browsers; its exports are the members
 * of a global variable, `page`. @throws Error when an import leads out of the bundle, as `node:fs` would.
 */
export async function bundleForBrowser(entry: string): Promise<string> {
  const build = await rolldown({
    input: entry,
    platform: 'browser',
    onLog: (_level, { message }) => {
      throw new Error(message);
    },
  });
  try {
    const { output } = await build.generate({ format: 'iife', name: PAGE, minify: true });
    return output[0].code;
  } finally {
    await build.close();
  }
}

/** Starts the browser; root may not use its sandbox, and containers have little shared memory. */
export function launchChromium(): Promise<Browser> {
  const executablePath = run('which', CHROMIUM).trim();
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** Gives a job to a worker whose script is `worker`, on an empty page with the script `page`. */
export async function runInWorker(
  browser: Browser,
  page: string,
  worker: string,
  job: Job,
): Promise<Result> {
  const tab = await browser.newPage();
  try {
    await tab.addScriptTag({ content: page });
    const words = [worker, job].map((word) => JSON.stringify(word)).join(', ');
    return await tab.evaluate<Result>(`${PAGE}.runInWorker(${words})`);
  } finally {
    await tab.close();
  }
}
