// A hostile client beside an honest one, for a few seconds; `npm run hostile` does it for an hour. Runs
// dist/, which `npm test` builds first.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attackLab, kubectl, plainRequest } from '../../hostile/campaign.ts';

const MAIN = join(import.meta.dirname, '../../../dist/main.js');

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('an honest client is served beside a hostile one, and memory stays within bounds', async () => {
  const honest = hasKubectl() ? kubectl : plainRequest;
  const outcome = await attackLab(MAIN, 4, { strangers: 600, watchers: 150 }, honest);
  expect(outcome.asked).toBeGreaterThan(0);
  expect(outcome.served).toBe(outcome.asked);
  expect(outcome.peakMegabytes).toBeLessThan(1024);
  // Never a 500, and never stored.
  expect(
    [...outcome.answers.keys()].every((code) => code === 0 || (code >= 400 && code < 500)),
  ).toBe(true);
});
