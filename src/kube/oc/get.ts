// `oc get`: tables as the API server makes them, or the objects themselves as YAML, JSON, names or
// through a JSONPath; with `-w` also what changes from then on.

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, withoutKey } from '../json.ts';
import { type Kind, qualifiedSingular } from '../kinds/kind.ts';
import { asDocument, type KubeObject } from '../kinds/object.ts';
import { type PrintOptions, TableLayout, tableOf, tableTexts } from '../server/table.ts';
import { type ChangeType, Watch } from '../server/watch.ts';
import type { GetCommand, OutputFormat } from './command.ts';
import { ENDED, type OcEnvironment, type OcOutput, type OcRun } from './environment.ts';
import { type Found, findObjects, isMeant } from './find.ts';
import { findJsonPath, renderJsonPath } from './json-path.ts';
import { withSortedKeys, yamlText } from './yaml-text.ts';

/** Carries the command out; a watch goes on until it is stopped. */
export function get(command: GetCommand, environment: OcEnvironment, output: OcOutput): OcRun {
  const { complaints, found } = findObjects(command, environment);
  const printer = new Printer(command, environment);
  const sorted = command.sortBy === null ? found : sortFound(found, command.sortBy);
  if (command.watch !== 'changes') {
    const printed = printer.print(sorted);
    if (!printed.ok) {
      output.err(printed.text);
      output.exit(1);
      return ENDED;
    }
    output.out(printed.text);
    if (found.length === 0 && complaints === '' && command.watch === 'no') {
      output.err(nothingFound(command, environment));
    }
  }
  output.err(complaints);
  if (command.watch === 'no' || complaints !== '') {
    output.exit(complaints === '' ? 0 : 1);
    return ENDED;
  }
  return watchChanges(command, environment, printer, output);
}

function nothingFound(command: GetCommand, environment: OcEnvironment): string {
  const isTable = command.output.kind === 'table';
  if (!isTable || command.ignoreNotFound) return '';
  const namespaced = command.targets.every(({ kind }) => kind.namespaced);
  if (!namespaced || command.allNamespaces) return 'No resources found\n';
  return `No resources found in ${command.namespace ?? environment.namespace} namespace.\n`;
}

function watchChanges(
  command: GetCommand,
  environment: OcEnvironment,
  printer: Printer,
  output: OcOutput,
): OcRun {
  const names = new Set(command.targets.map(({ name }) => name));
  const watches = [...new Set(command.targets.map(({ kind }) => kind))].map((kind) => {
    const since = environment.store.resourceVersion;
    return environment.store.watch(kind, { since }, ({ object, type }) => {
      const named = names.has(null) || names.has(object.metadata.name);
      if (!named || !isMeant(object, kind, command, environment)) return;
      const printed = printer.print([{ kind, object }], type);
      output.out(printed.text);
    });
  });
  return {
    stop: () => {
      for (const watch of watches) if (watch instanceof Watch) watch.close();
      output.exit(130);
    },
  };
}

function sortFound(found: readonly Found[], path: string): readonly Found[] {
  const keyed = found.map((item) => ({
    item,
    key: findJsonPath(path, asDocument(item.object))[0],
  }));
  keyed.sort((a, b) => compare(a.key, b.key));
  return keyed.map(({ item }) => item);
}

function compare(a: JsonValue | undefined, b: JsonValue | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [a, b].map((value) => (value === undefined ? '' : String(value)));
  return (left ?? '') < (right ?? '') ? -1 : (left ?? '') > (right ?? '') ? 1 : 0;
}

type Printed = { readonly ok: boolean; readonly text: string };

/** Prints objects, one batch after the other; tables keep their column widths between batches. */
class Printer {
  readonly #command: GetCommand;
  readonly #environment: OcEnvironment;
  readonly #layouts = new Map<Kind, TableLayout>();

  constructor(command: GetCommand, environment: OcEnvironment) {
    this.#command = command;
    this.#environment = environment;
  }

  /** `change` is set for what a watch reports. */
  print(found: readonly Found[], change?: ChangeType): Printed {
    const { output } = this.#command;
    if (output.kind === 'table')
      return { ok: true, text: this.#tables(found, output.wide, change) };
    if (output.kind === 'name') {
      const names = found.map(
        ({ kind, object }) => `${qualifiedSingular(kind)}/${object.metadata.name}\n`,
      );
      return { ok: true, text: names.join('') };
    }
    const single = change !== undefined || this.#isSingle();
    if (single && found.length === 0) return { ok: true, text: '' };
    const hides = output.kind !== 'jsonpath' && !this.#command.showManagedFields;
    const documents = found.map(({ object }) => asDocument(object));
    const shown = hides ? documents.map(withoutManagedFields) : documents;
    return printDocument(single ? (shown[0] ?? null) : listDocument(shown), output);
  }

  #isSingle(): boolean {
    const [target, second] = this.#command.targets;
    return target?.name !== null && second === undefined;
  }

  #tables(found: readonly Found[], wide: boolean, change: ChangeType | undefined): string {
    const kinds = [...new Set(found.map(({ kind }) => kind))];
    const several = new Set(this.#command.targets.map(({ kind }) => kind)).size > 1;
    const texts = kinds.map((kind) => {
      const objects = found.filter((item) => item.kind === kind).map(({ object }) => object);
      return this.#table(kind, objects, wide, several, change);
    });
    return texts.join(several ? '\n' : '');
  }

  #table(
    kind: Kind,
    objects: readonly KubeObject[],
    wide: boolean,
    several: boolean,
    change: ChangeType | undefined,
  ): string {
    const { allNamespaces, headers, showLabels, watchEvents } = this.#command;
    const { listStyle, store } = this.#environment;
    const table = tableOf(kind, objects, { clock: store.clock, listStyle });
    const options: PrintOptions = {
      wide,
      namespaces: allNamespaces && kind.namespaced,
      labels: showLabels,
      ...(several ? { namePrefix: `${qualifiedSingular(kind)}/` } : {}),
      ...(watchEvents ? { events: objects.map(() => change ?? 'ADDED') } : {}),
    };
    const { header, rows } = tableTexts(table, options);
    const known = this.#layouts.get(kind);
    const layout = known ?? new TableLayout();
    this.#layouts.set(kind, layout);
    const lines = layout.lines(headers && known === undefined ? [header, ...rows] : rows);
    return lines.map((line) => `${line}\n`).join('');
  }
}

/** Nobody wants to read them; `--show-managed-fields` shows them. */
function withoutManagedFields(document: JsonObject): JsonObject {
  const { metadata } = document;
  if (!isJsonObject(metadata)) return document;
  return { ...document, metadata: withoutKey(metadata, 'managedFields') };
}

function listDocument(items: readonly JsonValue[]): JsonValue {
  return { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } };
}

/** One document in a format other than a table. */
export function printDocument(document: JsonValue, output: OutputFormat): Printed {
  if (output.kind === 'yaml') return { ok: true, text: yamlText(document) };
  if (output.kind === 'jsonpath') {
    const rendered = renderJsonPath(output.template, document);
    if (rendered.ok) return { ok: true, text: rendered.text };
    return { ok: false, text: `error: ${rendered.message}\n` };
  }
  return {
    ok: !isJsonArray(document),
    text: `${JSON.stringify(withSortedKeys(document), null, 4)}\n`,
  };
}
