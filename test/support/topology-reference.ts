// topologies/REFERENCE.md, made from the JSON Schema, which is made from the schemas that read topology
// files: what the reference says is what is accepted.

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function child(schema: Json, key: string): Json {
  const value = schema[key];
  return isJson(value) ? value : {};
}

function list(schema: Json, key: string): unknown[] {
  const value = schema[key];
  return Array.isArray(value) ? value : [];
}

/** One table cell. */
function cell(words: string): string {
  return words.replaceAll('\n', '; ').replaceAll('|', '\\|');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Keys that appear together on everything that has a cable. */
const LINK_KEYS = [
  'latency',
  'jitter',
  'loss',
  'duplication',
  'reordering',
  'corruption',
  'bandwidth',
  'queue',
  'padded',
];
const LINK_SECTION = 'link properties';

/** A definition that is an object with keys gets a section; any other is a form that a value has. */
function isSection(definition: Json): boolean {
  return Object.keys(child(definition, 'properties')).length > 0;
}

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

/** 'addAddressStep' → 'Step: addAddress'. */
function titleOf(name: string): string {
  const [, subject, group] = /^(.+?)(Step|Expectation)$/.exec(name) ?? [];
  return subject === undefined ? name : `${group}: ${subject}`;
}

class Reference {
  readonly #schema: Json;
  readonly #definitions: Json;
  readonly #sysctls: SysctlNames;

  constructor(schema: Json, sysctls: SysctlNames) {
    this.#schema = schema;
    this.#sysctls = sysctls;
    this.#definitions = child(schema, 'definitions');
  }

  render(): string {
    const names = Object.keys(this.#definitions);
    const sections = names.filter((name) => isSection(child(this.#definitions, name)));
    const others = names.filter((name) => !sections.includes(name) && !this.#isUnion(name));
    return [
      '# Topology reference',
      '',
      'Made from the schema that reads topologies (`npm run golden` refreshes it, a test compares it). Keys in **bold**',
      'must be given. `egresslab schema` prints the same for editors, and `egresslab validate` says what is wrong.',
      '',
      ...this.#section('The file', this.#schema),
      ...this.#linkSection(),
      ...sections.flatMap((name) => this.#section(titleOf(name), child(this.#definitions, name))),
      '## Values',
      '',
      '| Form | What it is | Examples |',
      '|---|---|---|',
      ...others.map((name) => this.#valueRow(name)),
      '',
      '## Sysctls',
      '',
      "By their short names (on a host: for all its interfaces) or their full ones, in the kernel's units and with its",
      'defaults. Others are refused, not ignored.',
      '',
      '| Where | Names |',
      '|---|---|',
      ...Object.entries(this.#sysctls).map(
        ([where, names]) => `| ${where} | ${names.map((name) => `\`${name}\``).join(' ')} |`,
      ),
      '',
    ].join('\n');
  }

  #isUnion(name: string): boolean {
    const parts = list(child(this.#definitions, name), 'anyOf').filter(isJson);
    return parts.length > 0 && parts.every((part) => isSection(this.#resolve(part)));
  }

  #section(title: string, schema: Json): string[] {
    const properties = child(schema, 'properties');
    const hasLink = LINK_KEYS.every((key) => key in properties);
    const keys = Object.keys(properties).filter((key) => !hasLink || !LINK_KEYS.includes(key));
    const description = text(schema.description);
    return [
      `## ${title}`,
      '',
      ...(description === '' ? [] : [`${description}.`, '']),
      '| Key | Value | Default | Meaning |',
      '|---|---|---|---|',
      ...keys.map((key) => this.#row(key, child(properties, key), list(schema, 'required'))),
      ...(hasLink ? [`| | [${LINK_SECTION}](#${anchor(LINK_SECTION)}) | | |`] : []),
      '',
    ];
  }

  #linkSection(): string[] {
    const segment = child(child(this.#definitions, 'segment'), 'properties');
    return [
      `## ${LINK_SECTION}`,
      '',
      'Of one cable, each direction alike. A segment gives them to all its cables, an interface to its own.',
      '',
      '| Key | Value | Default | Meaning |',
      '|---|---|---|---|',
      ...LINK_KEYS.map((key) => this.#row(key, child(segment, key), [])),
      '',
    ];
  }

  #row(key: string, schema: Json, required: readonly unknown[]): string {
    const name = required.includes(key) ? `**\`${key}\`**` : `\`${key}\``;
    const fallback = schema.default;
    const shown = fallback === undefined || fallback === '' ? '' : `\`${String(fallback)}\``;
    const target = this.#resolve(schema);
    const meaning = text(schema.description) || (isSection(target) ? text(target.description) : '');
    return `| ${name} | ${this.#type(schema)} | ${shown} | ${cell(meaning)} |`;
  }

  #valueRow(name: string): string {
    const definition = child(this.#definitions, name);
    const examples = list(definition, 'examples').map((each) => `\`${JSON.stringify(each)}\``);
    const type = typeof definition.type === 'string' ? '' : `: ${this.#type(definition)}`;
    const meaning = cell(text(definition.description)) || titleOf(name);
    return `| <a id="value-${name.toLowerCase()}"></a>${name} | ${meaning}${type} | ${examples.join(', ')} |`;
  }

  #reference(schema: Json): string | null {
    const direct = text(schema.$ref);
    const [only] = list(schema, 'allOf').filter(isJson);
    const pointer = direct || text(only?.$ref);
    return pointer === '' ? null : (pointer.split('/').at(-1) ?? null);
  }

  #resolve(schema: Json): Json {
    const name = this.#reference(schema);
    return name === null ? schema : child(this.#definitions, name);
  }

  #type(schema: Json): string {
    const name = this.#reference(schema);
    if (name !== null) {
      if (this.#isUnion(name)) return `one of the ${name}s below`;
      if (!isSection(child(this.#definitions, name)))
        return `[${name}](#value-${name.toLowerCase()})`;
      return `[${titleOf(name)}](#${anchor(titleOf(name))})`;
    }
    const union = list(schema, 'anyOf').filter(isJson);
    if (union.length > 0) return union.map((part) => this.#type(part)).join(' or ');
    const words = list(schema, 'enum').map((word) => `\`${String(word)}\``);
    if (words.length > 0) return words.join(', ');
    if (schema.const !== undefined) return `\`${String(schema.const)}\``;
    if (schema.type === 'array') return `list of ${this.#type(child(schema, 'items'))}`;
    if (schema.type === 'object') return this.#objectType(schema);
    const { minimum, maximum } = schema;
    if (schema.type === 'integer' && typeof minimum === 'number' && typeof maximum === 'number') {
      return maximum < Number.MAX_SAFE_INTEGER ? `${minimum} to ${maximum}` : `${minimum} or more`;
    }
    if (schema.type === 'boolean') return '`true`, `false`';
    return typeof schema.type === 'string' ? schema.type.replace('string', 'text') : 'anything';
  }

  #objectType(schema: Json): string {
    const properties = Object.keys(child(schema, 'properties'));
    if (properties.length === 0) {
      const allowed = list(child(schema, 'propertyNames'), 'enum').map((name) => `\`${name}\``);
      const names = allowed.length === 0 ? 'names' : allowed.join(', ');
      return `${names}, each with: ${this.#type(child(schema, 'additionalProperties'))}`;
    }
    if (LINK_KEYS.every((key) => properties.includes(key))) {
      return `[${LINK_SECTION}](#${anchor(LINK_SECTION)})`;
    }
    return `keys ${this.#keysByType(child(schema, 'properties')).join('; ')}`;
  }

  /** '`quirk-a`, `quirk-b`: `true`, `false`': keys of one type stand together. */
  #keysByType(properties: Json): string[] {
    const keys = new Map<string, string[]>();
    for (const key of Object.keys(properties)) {
      const type = this.#type(child(properties, key));
      keys.set(type, [...(keys.get(type) ?? []), `\`${key}\``]);
    }
    return [...keys].map(([type, names]) => `${names.join(', ')}: ${type}`);
  }
}

/** Every key and every word that a schema knows, wherever it stands. */
export function wordsOf(schema: unknown): Set<string> {
  const words = new Set<string>();
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) for (const each of part) visit(each);
    if (!isJson(part)) return;
    const { properties, ...rest } = part;
    // A key may itself be called "properties": what stands there are keys, and no schema.
    const keys = isJson(properties) ? properties : {};
    for (const [key, value] of Object.entries(keys)) {
      words.add(key);
      visit(value);
    }
    for (const word of [...list(part, 'enum'), part.const]) {
      if (typeof word === 'string') words.add(word);
    }
    for (const value of Object.values(rest)) visit(value);
  };
  visit(schema);
  return words;
}

/** Settings by where they live. */
export type SysctlNames = Readonly<Record<string, readonly string[]>>;

/** Markdown of everything that a topology may say. */
export function topologyReference(schema: Record<string, unknown>, sysctls: SysctlNames): string {
  return new Reference(schema, sysctls).render();
}

/** The names of all steps and expectations: each is the key that is only its own. */
export function stepsAndExpectations(
  schema: Record<string, unknown>,
): Record<'Step' | 'Expectation', readonly string[]> {
  const definitions = child(schema, 'definitions');
  const named = (group: string): string[] =>
    Object.keys(definitions)
      .filter((name) => name.endsWith(group))
      .map((name) => {
        const keys = Object.keys(child(child(definitions, name), 'properties'));
        const own = keys.find((key) => name.toLowerCase() === `${key}${group}`.toLowerCase());
        return own ?? keys.find((key) => key !== 'at') ?? name;
      });
  return { Step: named('Step'), Expectation: named('Expectation') };
}
