// The examples in the docstrings of the package's face, run. What a line of an example prints stands in a
// comment behind it.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
/** Within the project, so that the package's name leads to its source. */
const DIRECTORY = join(ROOT, 'out/docstrings');

interface Example {
  /** 'public/lab.ts, example 2'. */
  readonly name: string;
  readonly code: string;
}

function examplesOf(folder: string): Example[] {
  return readdirSync(join(ROOT, 'src', folder)).flatMap((file) => {
    const text = readFileSync(join(ROOT, 'src', folder, file), 'utf8');
    return [...text.matchAll(/^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm)].map(
      ([, block = ''], index) => ({
        name: `${folder}/${file}, example ${index + 1}`,
        code: block.replaceAll(/^ *\* ?/gm, ''),
      }),
    );
  });
}

const examples = ['public', 'testing'].flatMap(examplesOf);
const programs = examples.filter(({ code }) => !code.includes("from 'vitest'"));

/** Where an example is as a module of its own. */
function fileOf({ name }: Example): string {
  return join(DIRECTORY, `${name.replaceAll(/[^a-z0-9]+/g, '-')}.ts`);
}

rmSync(DIRECTORY, { recursive: true, force: true });
mkdirSync(DIRECTORY, { recursive: true });
for (const example of examples) writeFileSync(fileOf(example), example.code);

afterEach(() => {
  vi.restoreAllMocks();
});

test('there are examples', () => {
  expect(programs.length).toBeGreaterThan(8);
  expect(examples.length).toBeGreaterThan(programs.length);
});

test.each(programs.map((example) => [example.name, example] as const))(
  '%s',
  async (_name, example) => {
    const printed: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((...words) =>
      printed.push(format(...words).trimEnd()),
    );
    await import(fileOf(example));
    const promised = [...example.code.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)];
    expect(printed).toEqual(promised.map(([, text]) => text));
  },
);

describe('tests in examples', async () => {
  for (const example of examples) if (!programs.includes(example)) await import(fileOf(example));
});
