// What could stand where the cursor is on a command line. Pure: names of labs and machines are handed in.

import type { Command, OperandKind } from './commands/command.ts';

/** Looked up only when they are asked for: topologies are read for it. */
export type OperandNames = Readonly<Record<OperandKind, () => readonly string[]>>;

const GLOBAL_OPTIONS: readonly string[] = ['help', 'no-color'];

/**
 * `words` are those behind `egresslab`, the last one being typed (perhaps empty). Empty when nothing is
 * known; a shell then offers files.
 */
export function complete(
  words: readonly string[],
  commands: readonly Command[],
  names: OperandNames,
): string[] {
  const current = words.at(-1) ?? '';
  return candidates(words.slice(0, -1), current, commands, names).filter((word) =>
    word.startsWith(current),
  );
}

function candidates(
  before: readonly string[],
  current: string,
  commands: readonly Command[],
  names: OperandNames,
): readonly string[] {
  const [first, ...rest] = before;
  if (first === undefined) {
    return current.startsWith('-')
      ? optionsOf([...GLOBAL_OPTIONS, 'version'])
      : commands.map(({ name }) => name);
  }
  const command = commands.find(({ name }) => name === first);
  if (command === undefined) return [];
  if (rest.at(-1) === '--lab') return names.lab();
  if (current.startsWith('-')) return optionsOf([...command.optionNames, ...GLOBAL_OPTIONS]);
  return command.operand === undefined ? [] : names[command.operand]();
}

function optionsOf(names: readonly string[]): string[] {
  return [...new Set(names)].sort().map((name) => `--${name}`);
}
