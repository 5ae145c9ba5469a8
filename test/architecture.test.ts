// The layering rule of src/ARCHITECTURE.md, read off the imports themselves.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const SOURCE = resolve(import.meta.dirname, '../src');

/** Top layer first: a file imports from its own folder and from those behind it in this list. */
const LAYERS =
  'cli platform scenario lab topology cluster fabric schema apps kube nat stack capture link sim wire base'.split(
    ' ',
  );
/** Decides and never touches a frame. */
const CONTROL_PLANE = /^(kube|fabric\/[a-z-]+\/control)\//;
const DATA_PLANE = new Set(['link', 'capture', 'stack', 'nat']);
const TOUCHES_THE_MACHINE = new Set(['cli', 'platform', '.']);
/** Where time is an argument and nothing waits. */
const SYNCHRONOUS = new Set(LAYERS.slice(LAYERS.indexOf('topology')));
const BANNED_BELOW_LAB =
  /\b(Date\b|Math\.random|setTimeout|setInterval|setImmediate|Promise\b|async\b|await\b|performance\.now|process\.)/;

interface SourceFile {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files: readonly SourceFile[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => {
    const text = readFileSync(join(SOURCE, path), 'utf8');
    const specifiers = text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
    return {
      path,
      folder: path.includes('/') ? (path.split('/')[0] ?? '') : '.',
      text,
      imports: [...specifiers].map((match) => match[1] ?? ''),
    };
  });

/** The folder under src that a relative import leads to; '.' for a file directly in src. */
function folderOf(file: SourceFile, specifier: string): string {
  const target = relative(SOURCE, resolve(SOURCE, dirname(file.path), specifier));
  return target.includes('/') ? (target.split('/')[0] ?? '') : '.';
}

/** Source without comments and string contents: only code can break a rule about code. */
function codeOf(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, "''");
}

describe('the layering rule', () => {
  test('every folder of src is a layer', () => {
    const folders = new Set(files.map((file) => file.folder).filter((folder) => folder !== '.'));
    expect([...folders].filter((folder) => !LAYERS.includes(folder))).toEqual([]);
  });

  test('imports point down the list only', () => {
    const wrong: string[] = [];
    for (const file of files) {
      if (file.folder === '.') continue;
      for (const specifier of file.imports.filter((name) => name.startsWith('.'))) {
        const target = folderOf(file, specifier);
        if (target === file.folder) continue;
        if (LAYERS.indexOf(target) < LAYERS.indexOf(file.folder)) {
          wrong.push(`${file.path} imports ${specifier}: ${target} is above ${file.folder}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('the control plane does not know the data plane', () => {
    const wrong: string[] = [];
    for (const file of files.filter(({ path }) => CONTROL_PLANE.test(path))) {
      for (const specifier of file.imports.filter((name) => name.startsWith('.'))) {
        if (DATA_PLANE.has(folderOf(file, specifier))) wrong.push(`${file.path}: ${specifier}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('only platform and cli touch the machine', () => {
    const wrong = files
      .filter(({ folder }) => !TOUCHES_THE_MACHINE.has(folder))
      .flatMap((file) =>
        file.imports
          .filter((name) => name.startsWith('node:'))
          .map((name) => `${file.path}: ${name}`),
      );
    expect(wrong).toEqual([]);
  });

  test('below lab nothing reads a clock, draws from the machine or waits', () => {
    const wrong = files
      .filter(({ folder }) => SYNCHRONOUS.has(folder))
      .flatMap((file) => {
        const found = BANNED_BELOW_LAB.exec(codeOf(file.text));
        return found === null ? [] : [`${file.path}: ${found[0]}`];
      });
    expect(wrong).toEqual([]);
  });
});

describe('the shape of the house', () => {
  test('every file starts by saying what it is', () => {
    const silent = files.filter(
      ({ path, text }) => !/^(#!.*\n)?\/\//.test(text) && path !== 'base/brand.ts',
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('no file is too long to take in at one sitting', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 400);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test('no file is dead', () => {
    const reachable = new Set(['index.ts', 'main.ts']);
    for (const file of files) {
      for (const specifier of file.imports.filter((name) => name.startsWith('.'))) {
        reachable.add(relative(SOURCE, resolve(SOURCE, dirname(file.path), specifier)));
      }
    }
    expect(files.map(({ path }) => path).filter((path) => !reachable.has(path))).toEqual([]);
  });
});
