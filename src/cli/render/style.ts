// Color as functions from text to text: identities when the output has no color.

import type { Environment } from '../io.ts';

type Paint = (text: string) => string;

/** How parts of a text are set off. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** SGR codes (ECMA-48 8.3.117) when `enabled`. */
export function createStyle(enabled: boolean): Style {
  const paint = (on: number, off: number): Paint =>
    enabled ? (text) => (text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`) : (text) => text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}

/**
 * Whether to color: not when the user refuses (--no-color), else as FORCE_COLOR says, else not under
 * NO_COLOR (no-color.org), else where a terminal that understands it is there.
 */
export function wantsColor(
  refused: boolean,
  isTerminal: boolean,
  environment: Environment,
): boolean {
  if (refused) return false;
  const force = environment.FORCE_COLOR;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  const no = environment.NO_COLOR;
  if (no !== undefined && no !== '') return false;
  return isTerminal && environment.TERM !== 'dumb';
}
