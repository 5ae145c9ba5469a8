// What `oc wait` waits for, and how long.

import { seconds } from '../../sim/time.ts';
import { parseGoDuration } from '../duration.ts';
import type { OcCommand, WaitCondition } from './command.ts';
import { type FlagSpec, flag, type ParsedFlags } from './flags.ts';
import { fail, type Reading, SELECTION, select } from './selection.ts';

/** The flags of `wait`. */
export const WAIT_FLAGS: readonly FlagSpec[] = [...SELECTION, flag('for'), flag('timeout')];

/** @throws EgressLabError EGL_OC_FLAG */
export function parseWait(flags: ParsedFlags, reading: Reading): OcCommand {
  const text = flags.values.get('for');
  const condition = text === undefined ? null : parseCondition(text);
  if (condition === null) {
    const found = text === undefined ? 'has no --for' : `--for: can't wait for "${text}"`;
    fail(
      'EGL_OC_FLAG',
      `oc wait ${found}`,
      'Known: condition=NAME[=STATUS], delete, jsonpath={PATH}=VALUE.',
    );
  }
  const timeout = parseGoDuration(flags.values.get('timeout') ?? '30s');
  if (timeout === null) {
    fail(
      'EGL_OC_FLAG',
      `oc wait --timeout: "${flags.values.get('timeout')}" is not a duration`,
      'Write 60s or 1m30s.',
    );
  }
  // Below zero means a week, as kubectl documents.
  const bounded = timeout < 0 ? seconds(7 * 86_400) : timeout;
  return { verb: 'wait', ...select(reading, flags, 'named'), condition, timeout: bounded };
}

function parseCondition(text: string): WaitCondition | null {
  if (text === 'delete') return { kind: 'delete' };
  const condition = /^condition=([A-Za-z]+)(?:=([A-Za-z]+))?$/.exec(text);
  if (condition !== null) {
    return { kind: 'condition', type: condition[1] ?? '', status: condition[2] ?? 'True' };
  }
  const path = /^jsonpath=(\{.+?\})(?:=(.*))?$/s.exec(text);
  if (path === null) return null;
  return { kind: 'jsonpath', template: path[1] ?? '', value: path[2] ?? null };
}
