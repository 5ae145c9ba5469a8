// `oc: "get nodes"`, `prints: |`: what a command that only looks would print now, word for word.
// Blanks at line ends, which kubectl prints after short cells, need not be written.

import { z } from 'zod';
import type { OcCommand, OcVerb } from '../../kube/oc/command.ts';
import { readOc } from '../steps/oc.ts';
import { defineExpectation, type ExpectationDefinition } from './definition.ts';
import type { ExpectationBase } from './expectation.ts';

/** `oc:` what a command prints. */
export interface OcExpectation extends ExpectationBase {
  readonly kind: 'oc';
  readonly command: OcCommand;
  /** What it prints, standard output before standard error; without blanks at line ends. */
  readonly lines: readonly string[];
}

/** An expectation changes nothing. */
const LOOKING: readonly OcVerb[] = ['get', 'describe', 'logs', 'api-resources'];

/** `oc:` as a scenario writes it. */
export const oc: ExpectationDefinition<OcExpectation> = defineExpectation(
  'oc',
  z
    .strictObject({
      oc: z
        .string({ error: 'expected an oc command as a text' })
        .describe('What is typed after "oc": get, describe, logs or api-resources'),
      prints: z
        .string({ error: 'expected the text that the command prints' })
        .describe('The whole output; blanks at line ends may be left out'),
    })
    .meta({ id: 'ocExpectation', description: 'What an oc command prints, word for word' }),
  (context, { oc: line, prints }, base, path) => {
    const at = [...path, 'oc'];
    const command = readOc(context, line, at);
    if (command === null) return null;
    const endless =
      (command.verb === 'get' && command.watch !== 'no') ||
      (command.verb === 'logs' && command.follow);
    if (!LOOKING.includes(command.verb)) {
      const message = `an expectation only looks, and "oc ${command.verb}" changes something`;
      context.report(at, message, `use one of ${LOOKING.join(', ')}; make it a step otherwise`);
    } else if (endless) {
      context.report(at, 'this command does not end by itself', 'leave out -w and -f');
    }
    return { ...base, kind: 'oc', command, lines: printedLines(prints) };
  },
);

/** A text as lines to be compared. */
export function printedLines(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  return lines;
}
