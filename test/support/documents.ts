// The Markdown documents, taken apart: fenced blocks, files that they ask to be saved, headings, links.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A fenced block: its language ('' for none) and its lines, each with its line end. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** A link of a document to a place in the clone; `path` is relative to the clone. */
export interface Link {
  readonly path: string;
  /** Null: the document as a whole. */
  readonly anchor: string | null;
}

const PAGES: readonly string[] = readdirSync(join(ROOT, 'docs'), {
  recursive: true,
  encoding: 'utf8',
})
  .filter((path) => path.endsWith('.md'))
  .map((path) => `docs/${path}`)
  .sort();

/** Every document that people read, relative to the clone. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  '.github/CONTRIBUTING.md',
  'src/ARCHITECTURE.md',
  'src/REFERENCE.md',
  'topologies/REFERENCE.md',
  ...PAGES,
];

/** The text of a file of the clone. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The fenced blocks of a document, those of list items included (without their indent). */
export function blocksOf(path: string): Block[] {
  const fenced = read(path).matchAll(/^( *)```(\S*)\n(.*?)^\1```$/gms);
  return [...fenced].map(([, indent = '', language = '', text = '']) => ({
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** The texts of the blocks of one language. */
export function blocksIn(path: string, language: string): string[] {
  return blocksOf(path)
    .filter((block) => block.language === language)
    .map(({ text }) => text);
}

/** The files that a document asks to be saved: `<!-- file: NAME -->` stands before their block. */
export function filesOf(path: string): ReadonlyMap<string, string> {
  const named = read(path).matchAll(/^<!-- file: (\S+) -->\n\n```\S*\n(.*?)^```$/gms);
  return new Map([...named].map(([, name = '', text = '']) => [name, text]));
}

/** The files that a document shows: `<!-- from: PATH -->` stands before their block. */
export function sourcesOf(path: string): [string, string][] {
  const shown = read(path).matchAll(/^<!-- from: (\S+) -->\n\n```\S*\n(.*?)^```$/gms);
  return [...shown].map(([, file = '', text = '']) => [file, text]);
}

/** What links can name in a document: its headings as GitHub calls them, and `<a id>` marks. */
export function anchorsOf(path: string): ReadonlySet<string> {
  const prose = read(path).replaceAll(/^( *)```.*?^\1```$/gms, '');
  const headings = [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => slug(heading));
  const marks = [...prose.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id);
  return new Set([...headings, ...marks]);
}

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

/** The links of a document that stay in the clone. */
export function linksOf(path: string): Link[] {
  const links = read(path).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g);
  return [...links].map(([, target = '', anchor]) => ({
    path: target === '' ? path : join(dirname(path), target),
    anchor: anchor ?? null,
  }));
}

/**
 * Whether `actual` is `expected`, where a line that is nothing but `…` stands for any number of
 * lines. Returns the first part that is missing, or null.
 */
export function missingPart(expected: string, actual: string): string | null {
  const parts = expected.split(/^…\n/m);
  const [first = '', ...others] = parts;
  if (!actual.startsWith(first)) return first;
  let position = first.length;
  for (const part of others) {
    const found = `\n${actual}`.indexOf(`\n${part}`, position - 1);
    if (found < 0) return part;
    position = found + part.length;
  }
  const last = others.at(-1);
  return last !== undefined && !actual.endsWith(last) ? last : null;
}
