// The package's public API as one file for reviews: each entry, each export, each signature, no comments.
// A change of the face shows in the diff of this file.
//
//   npm run api-report

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ts } from 'ts-morph';
import { Declarations } from './declarations.mjs';

const REPORT = resolve(import.meta.dirname, '../docs/reference/api-report.md');

/** The report over the declarations in a build's output. */
export function apiReport(output) {
  const declarations = new Declarations(output);
  const chapters = declarations.entries.map((entry) => chapterOf(declarations, entry));
  return `# Public API

What the package exports, entry by entry. \`npm run api-report\` writes this file, and a test compares it: each
change of the face shows here.

${chapters.join('\n')}`;
}

/** Types that an entry reaches and no entry exports, as 'path: name'. */
export function unnamedTypes(output) {
  const declarations = new Declarations(output);
  const named = new Set();
  const collect = (symbol) => {
    const target = declarations.resolved(symbol);
    if (named.has(target)) return;
    named.add(target);
    if (target.flags & ts.SymbolFlags.ValueModule) declarations.exportsOf(target).forEach(collect);
  };
  for (const entry of declarations.entries) entry.exports.forEach(collect);
  const unnamed = [];
  for (const [source, statements] of declarations.reached) {
    for (const statement of statements) {
      if (!isType(statement)) continue;
      if (!named.has(declarations.symbolOf(statement.name))) {
        unnamed.push(`${declarations.pathOf(source)}: ${statement.name.text}`);
      }
    }
  }
  return unnamed.sort();
}

function isType(statement) {
  return (
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isEnumDeclaration(statement)
  );
}

function chapterOf(declarations, { name, exports }) {
  const sorted = [...exports].sort((a, b) => (a.name < b.name ? -1 : 1));
  const texts = sorted.map((symbol) => textOf(declarations, symbol));
  return `## \`${name}\`\n\n\`\`\`typescript\n${texts.join('\n\n')}\n\`\`\`\n`;
}

function textOf(declarations, symbol) {
  const target = declarations.resolved(symbol);
  if (target.flags & ts.SymbolFlags.ValueModule) {
    const members = declarations.exportsOf(target).sort((a, b) => (a.name < b.name ? -1 : 1));
    const inner = members.map((member) => textOf(declarations, member)).join('\n');
    return `namespace ${symbol.name} {\n${inner.replaceAll(/^(?=.)/gm, '    ')}\n}`;
  }
  const printer = ts.createPrinter({ removeComments: true });
  return (target.declarations ?? [])
    .map((declaration) => {
      const statement = ts.isVariableDeclaration(declaration)
        ? declaration.parent.parent
        : declaration;
      return printer
        .printNode(ts.EmitHint.Unspecified, statement, declaration.getSourceFile())
        .replace(/^export (declare )?/, '');
    })
    .join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const output = resolve(process.argv[2] ?? 'dist');
  writeFileSync(REPORT, apiReport(output));
  for (const type of unnamedTypes(output)) process.stderr.write(`no exported name: ${type}\n`);
}
