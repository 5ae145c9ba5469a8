// The last step of a build: only declarations that an entry of the package reaches are shipped.
//
//   node build/prune-declarations.mjs dist

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const output = resolve(process.argv[2] ?? 'dist');
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const entries = Object.values(manifest.exports)
  .map((entry) => entry.types)
  .filter((types) => types !== undefined)
  .map((types) => resolve(output, types.replace(/^\.\/dist\//, '')));

const reached = new Set();
const waiting = [...entries];
for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
  if (reached.has(file)) continue;
  reached.add(file);
  const specifiers = readFileSync(file, 'utf8').matchAll(
    /(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g,
  );
  for (const [, specifier] of specifiers) {
    waiting.push(resolve(dirname(file), specifier.replace(/\.(js|ts)$/, '.d.ts')));
  }
}

for (const path of readdirSync(output, { recursive: true, encoding: 'utf8' })) {
  const file = join(output, path);
  if (file.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
}
