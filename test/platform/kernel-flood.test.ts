// Frames that nobody should send, through a TAP; `npm run flood` sends a million.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { floodLab } from '../flood/campaign.ts';
import { namespaces, requireKernel } from '../support/kernel.ts';

const { skip, remark } = requireKernel('ping');
const ROOT = join(import.meta.dirname, '../..');

describe.skipIf(skip)(`a lab with a TAP${remark}`, () => {
  test('takes random and mutated frames, serves afterwards and ends in order', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const outcome = await floodLab({
      main: join(ROOT, 'dist/main.js'),
      topology: readFileSync(join(ROOT, 'topologies/tap.yaml'), 'utf8'),
      capture: readFileSync(join(ROOT, 'captures/automatic.pcapng')),
      frames: 10_000,
      seed,
    });
    expect(outcome, `seed ${seed}`).toMatchObject({ sent: 10_000, answered: true, exitCode: 0 });
    expect(outcome.delivered, `seed ${seed}`).toBeGreaterThan(5_000);
    expect(outcome.peakMegabytes).toBeLessThan(512);
    expect(namespaces().filter((name) => name === `eglf${process.pid}`)).toEqual([]);
  }, 60_000);
});
