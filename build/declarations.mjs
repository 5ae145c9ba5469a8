// The declarations that the package's entries reach, found with the compiler: what is shipped, what the
// report of the public API shows, and what must have a name, are three questions about one graph.

import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ts } from 'ts-morph';

const MANIFEST = new URL('../package.json', import.meta.url);

/** The entries of the package by the name under which they are imported, with their declaration files in `output`. */
export function entriesOf(output) {
  const { name, exports } = JSON.parse(readFileSync(fileURLToPath(MANIFEST), 'utf8'));
  return Object.entries(exports).flatMap(([path, { types }]) =>
    types === undefined
      ? []
      : [{ name: `${name}${path.slice(1)}`, file: resolve(output, types.replace('./dist/', '')) }],
  );
}

/** Reads the declarations in `output` and follows them from the entries. */
export class Declarations {
  #checker;
  #output;
  /** Statements that an entry reaches: file → set of its top-level statements. */
  reached = new Map();
  entries;

  constructor(output) {
    this.#output = resolve(output);
    const entries = entriesOf(output);
    const program = ts.createProgram({
      rootNames: entries.map(({ file }) => file),
      options: {
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        target: ts.ScriptTarget.ES2022,
        types: [],
        noEmit: true,
      },
    });
    this.#checker = program.getTypeChecker();
    this.entries = entries.map(({ name, file }) => {
      const source = program.getSourceFile(file);
      return {
        name,
        source,
        exports: this.#checker.getExportsOfModule(this.#checker.getSymbolAtLocation(source)),
      };
    });
    for (const { source } of this.entries) {
      // An entry is all statements of itself.
      for (const statement of source.statements) this.#reach(statement);
    }
  }

  /** The file of a source file, relative to the output. */
  pathOf(source) {
    return relative(this.#output, source.fileName);
  }

  /** What a name stands for, behind all re-exports. */
  resolved(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  /** What the name of a declaration stands for. */
  symbolOf(name) {
    return this.#checker.getSymbolAtLocation(name);
  }

  /** The declared things of an `export * as name` or of a module. */
  exportsOf(symbol) {
    return this.#checker.getExportsOfModule(symbol);
  }

  #reach(statement) {
    const source = statement.getSourceFile();
    const seen = this.reached.get(source) ?? new Set();
    this.reached.set(source, seen);
    if (seen.has(statement)) return;
    seen.add(statement);
    if (ts.isImportDeclaration(statement)) return;
    const visit = (node) => {
      if (ts.isIdentifier(node)) this.#follow(this.#checker.getSymbolAtLocation(node));
      else if (ts.isStringLiteral(node) && ts.isExportDeclaration(node.parent))
        this.#followModule(node);
      ts.forEachChild(node, visit);
    };
    visit(statement);
  }

  #followModule(specifier) {
    const { exportClause } = specifier.parent;
    if (exportClause !== undefined && ts.isNamedExports(exportClause)) return;
    const module = this.#checker.getSymbolAtLocation(specifier);
    if (module !== undefined) for (const each of this.exportsOf(module)) this.#follow(each);
  }

  #follow(symbol) {
    if (symbol === undefined) return;
    const target = this.resolved(symbol);
    for (const declaration of target.declarations ?? []) {
      if (ts.isSourceFile(declaration)) {
        for (const each of this.exportsOf(target)) this.#follow(each);
        continue;
      }
      const statement = topLevel(declaration);
      if (statement !== null && this.isOwn(statement.getSourceFile())) this.#reach(statement);
    }
  }

  /** Whether a file is the package's, and not the compiler's or a dependency's. */
  isOwn(source) {
    return source.fileName.startsWith(`${this.#output}/`);
  }
}

/** The statement of a file in which a node stands; null for what stands in no file. */
export function topLevel(node) {
  let at = node;
  while (at.parent !== undefined && !ts.isSourceFile(at.parent)) at = at.parent;
  return at.parent === undefined ? null : at;
}
