// What `labTest` gives to a test, and what a failing one leaves behind.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { labTest } from 'egresslab/vitest';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const PAIR = `
name: pair
segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
`;

describe('a test', () => {
  const seen = new Set<object>();
  const inLab = labTest(PAIR, { advance: '2s', seed: 7, capture: ['a/eth0'] });

  inLab.for([1, 2])('gets a lab of its own, advanced (%i)', (_index, { lab, capture }) => {
    expect(lab.now).toBe(2e9);
    expect(lab.seed).toBe(7);
    expect(capture.ports).toEqual(['a/eth0']);
    expect(capture.frames).toEqual([]);
    seen.add(lab);
  });

  test('shares none with another', () => {
    expect(seen.size).toBe(2);
  });
});

test('a test that fails reports seed, timeline and capture', () => {
  const directory = join(ROOT, 'out/lab-test');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'failing.test.ts'),
    `import { labTest } from 'egresslab/vitest';
import { expect } from 'vitest';
const test = labTest(${JSON.stringify(PAIR)}, { seed: 42, directory: ${JSON.stringify(`${directory}/results`)}, capture: ['a/eth0'] });
test('b answers, Although it is Off!', ({ lab }) => {
  lab.fail('b');
  expect(lab.host('a').ping('b').answered).toBe(1);
});
`,
  );
  const config = join(directory, 'vitest.config.ts');
  writeFileSync(
    config,
    `export default { resolve: { alias: {
  'egresslab/vitest': ${JSON.stringify(join(ROOT, 'src/testing/index.ts'))},
  egresslab: ${JSON.stringify(join(ROOT, 'src/index.ts'))},
} } };
`,
  );
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  let output = '';
  try {
    execFileSync(process.execPath, [vitest, 'run', '--root', directory, '--config', config], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    output = stdout + stderr;
  }
  expect(output).toContain('lab pair, seed 42, at 1.000 s');
  expect(output).toContain('0.000 b: power off');
  expect(output).toMatch(/capture: .*results\/b-answers-although-it-is-off\.pcapng \(1 frame\)/);
  const [file = ''] = readdirSync(join(directory, 'results'));
  expect(readFileSync(join(directory, 'results', file)).readUInt32LE(0)).toBe(0x0a0d_0d0a);
});
