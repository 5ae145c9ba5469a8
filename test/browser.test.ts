// The core runs in a browser as it runs in Node: from the text of a topology to a capture that is the
// same to the octet.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleForBrowser, CHROMIUM, launchChromium, runInWorker } from './support/browser.ts';
import { firstDifference } from './support/scenarios.ts';
import { requireTools } from './support/tools.ts';

/** What a page has to load to run labs, compressed; today's size and a tenth. */
const BUDGET = 320_000;

// .ci/run says so on a system that offers no chromium.
const isNowhere = process.env.EGRESSLAB_NO_CHROMIUM === '1';
const { skip, remark } = isNowhere
  ? { skip: true, remark: ' (skipped: no chromium for this system)' }
  : requireTools(CHROMIUM);

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

describe('the core in a browser', () => {
  let worker = '';

  beforeAll(async () => {
    worker = await bundleForBrowser(pathOf('web/worker.ts'));
  });

  test(`bundles without anything of Node to at most ${BUDGET / 1000} kB gzipped`, () => {
    const size = gzipSync(worker).length;
    expect(size).toBeLessThan(BUDGET);
    // A bundle that lost half of the core would run into nothing else here.
    expect(size).toBeGreaterThan(BUDGET / 2);
  });

  test.skipIf(skip)(`runs "automatic" to the golden capture${remark}`, async () => {
    const page = await bundleForBrowser(pathOf('web/page.ts'));
    const browser = await launchChromium();
    try {
      const result = await runInWorker(browser, page, worker, {
        text: readFileSync(pathOf('../topologies/automatic.yaml'), 'utf8'),
        file: 'topologies/automatic.yaml',
      });
      expect(result.outcome).toBe('passed');
      const golden = readFileSync(pathOf('../captures/automatic.pcapng'));
      expect(firstDifference(Buffer.from(result.capture, 'latin1'), golden)).toBeNull();
    } finally {
      await browser.close();
    }
  });
});
