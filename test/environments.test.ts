// The compiler holds the environments apart: what is in the core compiles without a name of Node or of
// a browser, and what is meant for a browser without a name of Node.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

const NODE: readonly string[] = [
  "import { readFileSync } from 'node:fs'; readFileSync('x');",
  'process.exit();',
  "Buffer.from('x');",
  'setImmediate(() => {});',
  '__dirname.length;',
  "require('x');",
];
const BROWSER: readonly string[] = [
  'document.title;',
  'window.open();',
  'localStorage.clear();',
  "new Worker('x');",
  'requestAnimationFrame(() => {});',
];
/** What both have, and what the core may not touch all the same: clocks, timers, the network, a console. */
const BOTH: readonly string[] = [
  'setTimeout(() => {}, 1);',
  'setInterval(() => {}, 1);',
  'queueMicrotask(() => {});',
  'performance.now();',
  "fetch('x');",
  "new WebSocket('x');",
  'crypto.randomUUID();',
  "console.log('x');",
];
/** What the core does use. */
const UNIVERSAL: readonly string[] = [
  "new TextEncoder().encode('x');",
  'new Map<number, bigint>();',
];

function compile(...parameters: readonly string[]): string {
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  return spawnSync(compiler, parameters, { encoding: 'utf8' }).stdout;
}

/** Which of the statements do not compile in a configuration: one file each, one run of the compiler. */
function rejected(configuration: string, statements: readonly string[]): string[] {
  // Within the project, so that packages are found as they are from src.
  mkdirSync(join(ROOT, 'out'), { recursive: true });
  const directory = mkdtempSync(join(ROOT, 'out', 'environments-'));
  try {
    for (const [index, statement] of statements.entries()) {
      // The packages that the core uses must not bring Node's names along.
      const head = index === 0 ? "import 'yaml';\nimport 'zod';\n" : '';
      writeFileSync(join(directory, `s${index}.ts`), `${head}${statement}\nexport {};\n`);
    }
    const project = join(directory, 'tsconfig.json');
    const include = ['.', join(ROOT, 'types/universal.d.ts')];
    writeFileSync(
      project,
      JSON.stringify({ extends: join(ROOT, configuration), include, exclude: [] }),
    );
    const stdout = compile('-p', project, '--pretty', 'false');
    const failed = new Set([...stdout.matchAll(/s(\d+)\.ts\(/g)].map((match) => Number(match[1])));
    return statements.filter((_statement, index) => failed.has(index));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('what compiles where', () => {
  test('the core is every folder of src but those of the machine, of tests and of a page', () => {
    const listed = compile('-p', join(ROOT, 'tsconfig.core.json'), '--listFilesOnly').split('\n');
    const source = join(ROOT, 'src/');
    const compiled = listed.filter((file) => file.startsWith(source));
    const all = readdirSync(source, { recursive: true, encoding: 'utf8' });
    const core = all.filter(
      (file) => file.endsWith('.ts') && !/^((cli|platform|testing|web)\/|main\.ts$)/.test(file),
    );
    expect(compiled.map((file) => file.slice(source.length)).sort()).toEqual(core.sort());
  });

  test('no name of Node, of a browser, or of a clock, a timer or the network compiles in the core', () => {
    const banned = [...NODE, ...BROWSER, ...BOTH];
    expect(rejected('tsconfig.core.json', [...UNIVERSAL, ...banned])).toEqual(banned);
  });

  test('no name of Node compiles in what is meant for a browser', () => {
    expect(rejected('tsconfig.web.json', [...BROWSER, ...BOTH, ...NODE])).toEqual(NODE);
  });

  test('no name of a browser compiles in what is meant for Node', () => {
    expect(rejected('tsconfig.json', [...NODE, ...BOTH, ...BROWSER])).toEqual(BROWSER);
  });
});
