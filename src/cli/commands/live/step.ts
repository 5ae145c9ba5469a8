// The steps of scenarios as commands at a running lab: `egresslab fail worker02` is the step
// `fail: worker02`, with the same keys as options, read by the same reader and done by the same action.

import type { Argv, Options } from 'yargs';
import { isMap } from '../../../schema/plain-value.ts';
import { stepOptions, typedValue } from '../../../topology/step-options.ts';
import { type Action, type Command, type OperandKind, word, wordOption } from '../command.ts';
import { ask, LAB_OPTION, LIVE_EXIT_CODES } from './ask.ts';

interface StepVerb {
  /** The key that marks the step, and the command's name. */
  readonly keyword: string;
  /** What its value is, as help names it. */
  readonly value: string;
  /** What its words name, for completion. */
  readonly operand: OperandKind;
  readonly describe: string;
  /** What stands on the command line, in this order: keys of the step. */
  readonly positionals: readonly string[];
  /** The last one takes the rest of the line. */
  readonly list?: boolean;
  /** What follows the command's name in an example, and what it does. */
  readonly example: readonly [string, string];
}

const VERBS: readonly StepVerb[] = [
  {
    keyword: 'fail',
    value: 'machine',
    operand: 'machine',
    describe: 'Make a host or node fail',
    positionals: ['fail'],
    example: ['worker02 --how unplugged', 'it keeps running, its cables are pulled'],
  },
  {
    keyword: 'restore',
    value: 'machine',
    operand: 'machine',
    describe: 'Undo every failure of a host or node',
    positionals: ['restore'],
    example: ['worker02', 'it boots'],
  },
  {
    keyword: 'link',
    value: 'cable',
    operand: 'cable',
    describe: 'Take a cable down or up',
    positionals: ['link', 'state'],
    example: ['db/eth0 down', 'no carrier'],
  },
  {
    keyword: 'impair',
    value: 'cable',
    operand: 'cable',
    describe: 'Change what cables do to frames',
    positionals: ['impair'],
    example: ['lan --loss 10%', 'on every cable of a segment'],
  },
  {
    keyword: 'partition',
    value: 'machine',
    operand: 'machine',
    describe: 'Split a segment so that these machines no longer hear the others',
    positionals: ['partition'],
    list: true,
    example: ['worker01 db', 'these two hear only each other'],
  },
  {
    keyword: 'heal',
    value: 'segment',
    operand: 'segment',
    describe: 'Undo the partition of a segment',
    positionals: ['heal'],
    example: ['lan', 'all machines hear each other again'],
  },
  {
    keyword: 'ping',
    value: 'to',
    operand: 'machine',
    describe: 'Send echo requests from a machine or pod',
    positionals: ['from', 'ping'],
    example: ['web db --count 3', 'from the pod to the database'],
  },
  {
    keyword: 'arping',
    value: 'address',
    operand: 'machine',
    describe: 'Ask who has an address, or announce it',
    positionals: ['from', 'arping'],
    example: ['db 192.168.50.120 --count 2', 'two answers mean two holders'],
  },
  {
    keyword: 'start',
    value: 'flow',
    operand: 'flow',
    describe: 'Start a flow of the scenario',
    positionals: ['start'],
    example: ['web-to-db', 'from now on'],
  },
  {
    keyword: 'stop',
    value: 'flow',
    operand: 'flow',
    describe: 'Stop a flow',
    positionals: ['stop'],
    example: ['web-to-db', 'no more requests'],
  },
];

/** Any step of the scenario language, as YAML on the command line. */
const anyStep: Command = {
  name: 'step',
  optionNames: ['lab'],
  exitCodes: LIVE_EXIT_CODES,
  operands: '<step>',
  operand: 'command',
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'step <step>',
      'Do any step of a scenario now, written as in the topology file without its time',
      (command) =>
        command
          .positional('step', { type: 'string', demandOption: true })
          .options(LAB_OPTION)
          .example("$0 step 'removeRoute: default, on: router'", 'the uplink script ran'),
      (typed: Readonly<Record<string, unknown>>) => {
        const text = word(typed.step) ?? '';
        const written = typedValue(text.trim().startsWith('{') ? text : `{ ${text} }`);
        const step = isMap(written) ? written : { [text]: null };
        const lab = word(typed.lab);
        choose((session) => ask(lab, { verb: 'step', step }, session));
      },
    );
  },
};

/** `egresslab fail`, `restore`, `link` and the other steps at a running lab. */
export const stepCommands: readonly Command[] = [...VERBS.map(commandOf), anyStep];

function commandOf(verb: StepVerb): Command {
  const { describe, example, keyword, list = false, operand, positionals, value } = verb;
  let known: Record<string, Options> | null = null;
  // Made of schemas, which are dear: only for the command that was typed.
  const options = (): Record<string, Options> => {
    known ??= optionsOf(verb);
    return known;
  };
  const named = positionals.map((key) => ({ key, name: key === keyword ? value : key }));
  const operands = named.map(({ name }) => `<${name}${list ? '..' : ''}>`).join(' ');
  return {
    name: keyword,
    get optionNames(): readonly string[] {
      return [...Object.keys(options()), 'lab'];
    },
    exitCodes: LIVE_EXIT_CODES,
    dashedValues: dashedValuesOf(keyword),
    operands,
    operand,
    register(parser: Argv, choose: (action: Action) => void): Argv {
      return parser.command(
        `${keyword} ${operands}`,
        describe,
        (command) => {
          // Words are words: what is a number or a list is for the step's own reader to say.
          for (const { name } of named) {
            command.positional(name, { type: 'string', demandOption: true });
          }
          return command
            .options(options())
            .options(LAB_OPTION)
            .example(`$0 ${keyword} ${example[0]}`, example[1]);
        },
        (typed: Readonly<Record<string, unknown>>) => {
          const step: Record<string, unknown> = {};
          for (const { key, name } of named) step[key] = asWritten(typed[name]);
          for (const key of Object.keys(options())) {
            if (typed[key] !== undefined) step[key] = asWritten(typed[key]);
          }
          const lab = word(typed.lab);
          choose((session) => ask(lab, { verb: 'step', step }, session));
        },
      );
    },
  };
}

/** The step's other keys. */
function optionsOf({ keyword, positionals }: StepVerb): Record<string, Options> {
  const options: Record<string, Options> = {};
  for (const { choices, describe, isFlag, key } of stepOptions(keyword)) {
    if (positionals.includes(key)) continue;
    options[key] = isFlag
      ? { describe, type: 'boolean' }
      : {
          ...wordOption(key, describe),
          ...(choices === null ? {} : { choices }),
        };
  }
  return options;
}

/** Values that begin with a dash, such as arping's `--mode -D`, by option. */
function dashedValuesOf(keyword: string): ReadonlyMap<string, readonly string[]> {
  const dashed = stepOptions(keyword).map(({ choices, key }): [string, string[]] => [
    key,
    (choices ?? []).filter((choice) => choice.startsWith('-')),
  ]);
  return new Map(dashed.filter(([, values]) => values.length > 0));
}

function asWritten(typed: unknown): unknown {
  if (Array.isArray(typed)) return typed.map(asWritten);
  return typeof typed === 'string' ? typedValue(typed) : typed;
}
