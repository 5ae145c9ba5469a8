// The last step of a build: of all declarations only those are shipped that an entry of the package
// reaches. What is inside can then change its types without changing the package's.
//
//   node build/prune-declarations.mjs dist

import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ts } from 'ts-morph';
import { Declarations } from './declarations.mjs';

const output = resolve(process.argv[2] ?? 'dist');
const { reached } = new Declarations(output);
const kept = new Set();

for (const [source, statements] of reached) {
  kept.add(source.fileName);
  writeFileSync(source.fileName, pruned(source, statements));
}
for (const path of readdirSync(output, { recursive: true, encoding: 'utf8' })) {
  const file = join(output, path);
  if (file.endsWith('.d.ts') && !kept.has(file)) rmSync(file);
}

/** The text of a file with the reached statements, and those imports that they use. */
function pruned(source, statements) {
  const used = new Set();
  const collect = (node) => {
    if (ts.isIdentifier(node)) used.add(node.text);
    ts.forEachChild(node, collect);
  };
  for (const statement of statements) if (!ts.isImportDeclaration(statement)) collect(statement);
  const text = source.statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement)) return importText(source, statement, used);
    return statements.has(statement) ? [statement.getFullText(source)] : [];
  });
  return `${text.join('').trim()}\nexport {};\n`;
}

/** An import without what nobody uses; nothing when that is all of it. */
function importText(source, statement, used) {
  const { importClause, moduleSpecifier } = statement;
  const bindings = importClause?.namedBindings;
  if (bindings === undefined) return [statement.getFullText(source)];
  if (ts.isNamespaceImport(bindings)) {
    return used.has(bindings.name.text) ? [statement.getFullText(source)] : [];
  }
  const names = bindings.elements.filter(({ name }) => used.has(name.text));
  if (names.length === 0) return [];
  const list = names.map((each) => each.getText(source)).join(', ');
  const type = importClause.isTypeOnly ? 'type ' : '';
  return [`import ${type}{ ${list} } from ${moduleSpecifier.getText(source)};\n`];
}
