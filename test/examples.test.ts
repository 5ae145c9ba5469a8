// The programs of examples/, run as their readers will run them. Those that are tests themselves
// (`*.test.ts`) vitest finds by itself.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';

const EXAMPLES = resolve(import.meta.dirname, '../examples');
const files = readdirSync(EXAMPLES).filter((file) => file.endsWith('.ts'));

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a program prints, line by line. */
async function output(file: string, ...args: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line) => lines.push(String(line)));
  const { argv } = process;
  process.argv = ['node', file, ...args];
  try {
    await import(join(EXAMPLES, file));
  } finally {
    process.argv = argv;
  }
  return lines;
}

test.each(files)('%s is short and imports the package by its name', (file) => {
  const text = readFileSync(join(EXAMPLES, file), 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, name = '']) => name);
  expect(imports.filter((name) => name.startsWith('.'))).toEqual([]);
  expect(imports.some((name) => name.startsWith('egresslab'))).toBe(true);
});

test('first-lab.ts', async () => {
  expect(await output('first-lab.ts')).toMatchInlineSnapshot(`
    [
      "3 of 3 answered, the first after 400 µs",
      "alice believes that 10.0.0.2 is at 02:00:9a:8f:00:02: REACHABLE",
      "without bob 0 of 1",
    ]
  `);
});

test('inject-a-frame.ts', async () => {
  expect(await output('inject-a-frame.ts')).toMatchInlineSnapshot(`
    [
      "before: 02:00:ec:fe:00:02",
      "after: 02:00:a8:e5:00:66",
    ]
  `);
});

test('explore-conntrack.ts', async () => {
  expect(await output('explore-conntrack.ts')).toMatchInlineSnapshot(`
    [
      "tcp ESTABLISHED: 10.1.0.11:48402 appears as 192.0.2.1:48402",
      "tcp ESTABLISHED: 10.1.0.12:35270 appears as 192.0.2.1:35270",
    ]
  `);
});

test('capture-to-pcapng.ts', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'egresslab-example-'));
  try {
    const file = join(directory, 'routed.pcapng');
    const lines = await output('capture-to-pcapng.ts', file);
    expect(lines.map((line) => line.replace(file, 'routed.pcapng'))).toMatchInlineSnapshot(`
      [
        "the server says hello",
        "18 frames in routed.pcapng; the first data segment:",
        "  IP 10.2.0.1.34190 > 10.2.0.10.7: Flags [P.], seq 132004335:132004340, ack 4282450453, win 63, options [TS val 4254705234 ecr 3525393350], length 5, egresslab: snat 10.1.0.10:34190 → 10.2.0.1:34190 by MASQUERADE",
      ]
    `);
    expect(readFileSync(file).readUInt32LE(0)).toBe(0x0a0d_0d0a);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
