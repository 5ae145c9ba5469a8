// The command line, by yargs: strict, in English on every machine, and silent itself. It yields text to
// print or an action to take; every mistake becomes an EgressLabError that says what to type instead.

import yargs from 'yargs';
import { EgressLabError } from '../base/errors.ts';
import { didYouMean, suggest } from '../base/suggest.ts';
import { VERSION } from '../base/version.ts';
import { type Action, type Command, HIDDEN_STANDARD_INPUT } from './commands/command.ts';
import { COMMON_EXIT_CODES, ExitCode, exitCodeLines } from './exit-code.ts';
import { STANDARD_INPUT } from './standard-input.ts';

/** What the arguments ask for. */
export type Parsed =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly action: Action };

const GLOBAL_OPTIONS = ['no-color', 'help', 'version'];
const MAX_WIDTH = 100;

const EPILOGUE = `Exit codes:
${exitCodeLines(Object.values(ExitCode)).join('\n')}

Start with:  egresslab run automatic`;

/**
 * What yargs says of mistakes, as words that are ours: its sentences are for people, and change. The
 * word comes first; what was typed follows.
 */
const MISTAKES = {
  'Unknown argument: %s': { one: 'unknown %s', other: 'unknown %s' },
  'Not enough arguments following: %s': 'valueless %s',
  'Not enough non-option arguments: got %s, need at least %s': { one: 'too-few', other: 'too-few' },
};

/** @throws EgressLabError EGL_USAGE. */
export function parseArguments(
  argv: readonly string[],
  commands: readonly Command[],
  columns: number,
): Parsed {
  const [first, ...words] = argv;
  if (first === 'help' && !words.some((word) => word.startsWith('-'))) {
    return parseArguments([...knownCommands(words, commands), '--help'], commands, columns);
  }
  const verbatim = commands.find(({ name }) => name === first)?.actionOf?.(words) ?? null;
  if (verbatim !== null) return { kind: 'action', action: verbatim };
  let action: Action | null = null;
  // Its second argument is what it would ask the process for, whose directory may be gone.
  const parser = yargs([], '/')
    .scriptName('egresslab')
    .usage(
      '$0 <command>\n\nA network lab in one process: egress IPs, ARP, SNAT and failover, packet by packet.',
    )
    .locale('en')
    // Its types know no plurals; its catalogs do.
    .updateStrings(MISTAKES as unknown as Record<string, string>)
    .exitProcess(false)
    .strict()
    .parserConfiguration({ 'boolean-negation': false })
    .option('no-color', { describe: 'Plain text on terminals too', type: 'boolean' })
    .help()
    .alias('help', 'h')
    .version(VERSION)
    .epilogue(EPILOGUE)
    .wrap(Math.min(columns, MAX_WIDTH))
    .demandCommand(1)
    .fail((message: string | null, error: Error | undefined) => {
      if (error instanceof EgressLabError) throw error;
      throw usageError(message ?? error?.message ?? 'unclear', argv, commands);
    });
  for (const command of commands) {
    command.register(parser, (chosen) => {
      action = chosen;
    });
  }
  let text = '';
  parser.parse(
    joinDashedValues(argv, commands).map(hideStandardInput),
    {},
    (_error: unknown, _arguments: unknown, output: string) => {
      text = output;
    },
  );
  if (action !== null) return { kind: 'action', action };
  const command = commands.find(({ name }) => name === first);
  const isHelp = command !== undefined && text !== VERSION;
  return { kind: 'text', text: `${text}\n${isHelp ? exitCodesOf(command) : ''}` };
}

/** The end of a command's help. */
function exitCodesOf({ endsAsInLab = false, exitCodes }: Command): string {
  const lines = exitCodeLines([...COMMON_EXIT_CODES, ...exitCodes]);
  const others = endsAsInLab ? ['  any other: what the command ended with in the lab'] : [];
  return `\n${['Exit codes:', ...lines, ...others].join('\n')}\n`;
}

/** '--mode -D' as '--mode=-D', which yargs takes for one option with a value. */
function joinDashedValues(argv: readonly string[], commands: readonly Command[]): string[] {
  const dashed = commands.find(({ name }) => name === argv[0])?.dashedValues;
  const joined: string[] = [];
  for (const argument of argv) {
    const option = joined.at(-1) ?? '';
    const values = option.startsWith('--') ? dashed?.get(option.slice(2)) : undefined;
    if (values?.includes(argument) === true) joined[joined.length - 1] = `${option}=${argument}`;
    else joined.push(argument);
  }
  return joined;
}

/** yargs drops a lone "-". */
function hideStandardInput(argument: string): string {
  return argument === STANDARD_INPUT ? HIDDEN_STANDARD_INPUT : argument;
}

/** @throws EgressLabError EGL_USAGE for what is none: yargs would explain egresslab instead */
function knownCommands(words: readonly string[], commands: readonly Command[]): readonly string[] {
  const names = commands.map(({ name }) => name);
  const [first, ...others] = words;
  if (first !== undefined && !names.includes(first)) throw unknownCommand(first, words, names);
  if (others.length > 0)
    throw usage('help explains one command at a time', `Such as: egresslab help ${first}`);
  return words;
}

function usageError(
  message: string,
  argv: readonly string[],
  commands: readonly Command[],
): EgressLabError {
  const names = commands.map((command) => command.name);
  const first = argv.find((argument) => !argument.startsWith('-'));
  const command = commands.find((each) => each.name === first);
  if (command === undefined) return unknownCommand(first, argv, names);

  const help = `\`egresslab ${command.name} --help\` lists what it accepts.`;
  const [mistake, ...rest] = message.split(' ');
  const given = rest.join(' ');
  const unknown = mistake === 'unknown' ? given.split(', ') : [];
  const typed = unknown.filter((name) => argv.some((argument) => isTyped(argument, name)));
  if (typed.length > 0) {
    const shown = typed.map((name) => (isOption(argv, name) ? `--${name}` : `"${name}"`));
    const near = typed
      .filter((name) => isOption(argv, name))
      .map((name) => suggest(name, [...command.optionNames, ...GLOBAL_OPTIONS]))
      .filter((name) => name !== null);
    const known =
      near.length === 0 ? '' : `Did you mean ${near.map((name) => `--${name}`).join(', ')}? `;
    return usage(`${command.name} does not accept ${shown.join(', ')}`, known + help);
  }
  if (mistake === 'valueless') return usage(`--${given} needs a value`, help);
  if (mistake === 'too-few') {
    if (command.operands !== undefined) {
      return usage(`${command.name} needs ${command.operands}`, help);
    }
    return usage(
      `${command.name} needs a topology file`,
      `Such as: egresslab ${command.name} topologies/automatic.yaml`,
    );
  }
  return usage(message, help);
}

function unknownCommand(
  first: string | undefined,
  argv: readonly string[],
  names: readonly string[],
): EgressLabError {
  const commands = `Commands: ${names.join(', ')}; \`egresslab --help\` explains them.`;
  if (first === undefined) {
    return argv.length === 0
      ? usage(
          'no command given',
          'Start with: egresslab run automatic. `egresslab --help` lists everything.',
        )
      : usage(`${argv.join(' ')} is not a command`, commands);
  }
  if (/\.ya?ml$/.test(first)) {
    return usage(`"${first}" is not a command`, `Did you mean: egresslab run ${first}`);
  }
  return usage(`"${first}" is not a command`, didYouMean(first, names) + commands);
}

function usage(message: string, hint: string): EgressLabError {
  return new EgressLabError('EGL_USAGE', message, { hint });
}

/** yargs lists an unknown `--foo-bar` a second time as `fooBar`; only what was typed is shown. */
function isTyped(argument: string, name: string): boolean {
  return argument.replace(/^--?/, '').replace(/=.*$/s, '') === name || argument === name;
}

function isOption(argv: readonly string[], name: string): boolean {
  return argv.some((argument) => argument.startsWith('-') && isTyped(argument, name));
}
