// Label selectors (`-l 'role in (a,b),zone!=x,!spare'`) and field selectors
// (`--field-selector involvedObject.name=worker02`), as apimachinery's labels.Parse and fields.Parse
// read them. An empty selector picks everything.

import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { KubeObject } from '../kinds/object.ts';

/** One requirement on one label. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'exists' | 'absent' | 'in' | 'not-in';
  /** Empty for exists and absent. */
  readonly values: readonly string[];
}

/** All requirements must hold. */
export type LabelRequirements = readonly LabelRequirement[];

/** One requirement on one field. */
export interface FieldRequirement {
  readonly path: string;
  readonly equal: boolean;
  readonly value: string;
}

/** All requirements must hold. */
export type FieldSelector = readonly FieldRequirement[];

/** A selector, or what is wrong with its text. */
export type ParsedSelector<S> =
  | { readonly ok: true; readonly selector: S }
  | { readonly ok: false; readonly message: string };

/** Parses what follows `-l`. */
export function parseLabelSelector(text: string): ParsedSelector<LabelRequirements> {
  const selector: LabelRequirement[] = [];
  // Commas inside parentheses separate values, not requirements.
  for (const part of text.split(/,(?![^(]*\))/)) {
    const requirement = part.trim();
    if (requirement === '' && text.trim() === '') continue;
    const parsed = parseRequirement(requirement);
    if (parsed === null)
      return { ok: false, message: `unable to parse requirement: "${requirement}"` };
    selector.push(parsed);
  }
  return { ok: true, selector };
}

const KEY = '[A-Za-z0-9./_-]+';
const VALUE = '[A-Za-z0-9._-]*';

function parseRequirement(text: string): LabelRequirement | null {
  const set = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`).exec(text);
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((value) => value.trim());
    return { key: set[1] ?? '', operator: set[2] === 'in' ? 'in' : 'not-in', values };
  }
  const equality = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(${VALUE})$`).exec(text);
  if (equality !== null) {
    const operator = equality[2] === '!=' ? 'not-in' : 'in';
    return { key: equality[1] ?? '', operator, values: [equality[3] ?? ''] };
  }
  const bare = new RegExp(`^(!?)\\s*(${KEY})$`).exec(text);
  if (bare === null) return null;
  return { key: bare[2] ?? '', operator: bare[1] === '!' ? 'absent' : 'exists', values: [] };
}

/** True when the object's labels meet every requirement. A missing label meets `!=` and `notin`. */
export function matchesLabels(object: KubeObject, selector: LabelRequirements): boolean {
  const labels = object.metadata.labels ?? {};
  return selector.every(({ key, operator, values }) => {
    const present = Object.hasOwn(labels, key);
    if (operator === 'exists') return present;
    if (operator === 'absent') return !present;
    const listed = present && values.includes(labels[key] ?? '');
    return operator === 'in' ? listed : !listed;
  });
}

/** Parses what follows `--field-selector`. */
export function parseFieldSelector(text: string): ParsedSelector<FieldSelector> {
  const selector: FieldRequirement[] = [];
  for (const part of text.split(',')) {
    if (part.trim() === '' && text.trim() === '') continue;
    const match = /^([A-Za-z0-9.]+)(==|=|!=)(.*)$/.exec(part.trim());
    if (match === null) {
      return {
        ok: false,
        message: `invalid selector: '${text}'; can't understand '${part.trim()}'`,
      };
    }
    selector.push({ path: match[1] ?? '', equal: match[2] !== '!=', value: match[3] ?? '' });
  }
  return { ok: true, selector };
}

/** True when every field has, or has not, the value. A missing field is ''. */
export function matchesFields(object: KubeObject, selector: FieldSelector): boolean {
  return selector.every(({ path, equal, value }) => (fieldText(object, path) === value) === equal);
}

function fieldText(object: JsonObject, path: string): string {
  let value: JsonValue | undefined = object;
  for (const key of path.split('.')) {
    value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value === undefined || value === null ? '' : String(value);
}
