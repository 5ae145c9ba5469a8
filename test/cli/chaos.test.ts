// The short version of `npm run chaos`. Runs dist/, which `npm test` builds first.

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CHAOS_KINDS, runChaos } from '../chaos/campaign.ts';
import { requireKernel } from '../support/kernel.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const { skip: withoutKernel } = requireKernel();

test.each(CHAOS_KINDS.filter((kind) => !withoutKernel || kind !== 'namespace'))(
  'kill -9 (%s) leaves whole captures, and nothing else after the next command',
  async (kind) => {
    const { kills } = await runChaos({ main: MAIN, kills: 2, seed: 7, kinds: [kind] });
    expect(kills.flatMap(({ findings }) => findings)).toEqual([]);
  },
);
