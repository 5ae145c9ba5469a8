// What a command line can say of steps: the options of each kind, and words as YAML reads them.

import { z } from 'zod';
import type { PlainValue } from '../schema/plain-value.ts';
import { readSource } from '../schema/source.ts';
import { everyDialect } from './dialect.ts';
import { stepDefinition } from './steps/index.ts';

/** What diagnostics call a command line. */
const LABEL = 'command';

/** One word of a command line as YAML would read it: a number, a list, a text. */
export function typedValue(word: string): PlainValue {
  const { value, diagnostics } = readSource(word, LABEL);
  return diagnostics.length > 0 || value === null ? word : value;
}

/** An option that a kind of step takes. */
export interface StepOption {
  /** As in the topology file. */
  readonly key: string;
  readonly describe: string;
  /** Null: anything that the schema takes. */
  readonly choices: readonly string[] | null;
  readonly isFlag: boolean;
}

/**
 * What can be said in a step besides the key that marks it; for command lines. The words of fabrics are
 * left out: no command takes them, and to know them would load every network.
 */
export function stepOptions(keyword: string): readonly StepOption[] {
  const definition = stepDefinition(keyword);
  if (definition === null) return [];
  const schema: unknown = z.toJSONSchema(definition.schema(everyDialect([])), {
    io: 'input',
    unrepresentable: 'any',
  });
  const definitions = recordAt(schema, '$defs');
  const resolve = (part: unknown): Properties => {
    const given = isRecord(part) ? part : {};
    const reference = String(given.$ref ?? '').replace(/^#\/\$defs\//, '');
    return { ...recordAt(definitions, reference), ...given };
  };
  return Object.entries(recordAt(resolve(schema), 'properties')).flatMap(([key, property]) => {
    if (key === keyword || key === 'at') return [];
    const { default: standard, description = '', enum: words, type } = resolve(property);
    const more =
      standard === undefined ? '' : `${description === '' ? '' : '; '}${standard} when left out`;
    const choices = Array.isArray(words) ? words.map(String) : null;
    return [{ key, describe: `${description}${more}`, choices, isFlag: type === 'boolean' }];
  });
}

type Properties = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null;
}

function recordAt(value: unknown, key: string): Properties {
  const inner = isRecord(value) ? value[key] : undefined;
  return isRecord(inner) ? inner : {};
}
