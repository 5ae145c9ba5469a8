// npm run hostile -- [seconds]: the long version of test/platform/api-server/hostile.test.ts.

import { join } from 'node:path';
import { attackLab, kubectl } from './campaign.ts';

const seconds = Number(process.argv[2] ?? 3600);
const main = join(import.meta.dirname, '../../../../dist/main.js');
const outcome = await attackLab(main, seconds, { strangers: 1500, watchers: 800 }, kubectl);
const { answers, asked, opened, peakMegabytes, served, slowestMilliseconds } = outcome;
process.stdout.write(
  `${seconds} s, ${opened} hostile connections: kubectl was served ${served} of ${asked} times, at most after ${slowestMilliseconds} ms\n` +
    `answers to what is refused: ${[...answers].map(([code, count]) => `${code} x ${count}`).join(', ')}\n` +
    `largest resident set of the lab: ${peakMegabytes} MB\n`,
);
process.exitCode = served === asked && peakMegabytes < 1024 ? 0 : 1;
