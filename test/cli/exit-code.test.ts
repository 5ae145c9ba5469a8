import { expect, test } from 'vitest';
import { EgressLabError } from '../../src/base/errors.ts';
import { ExitCode, exitCodeOfError, exitCodeOfFault } from '../../src/cli/exit-code.ts';

test('a shell can tell the user’s mistakes, what the machine lacks, and bugs apart', () => {
  expect(exitCodeOfError(new EgressLabError('EGL_ARGUMENT', 'typed wrong'))).toBe(2);
  expect(exitCodeOfError(new EgressLabError('EGL_ARGUMENT', 'no', { fault: 'environment' }))).toBe(
    3,
  );
  for (const bug of [new Error('x'), new TypeError('x'), 'x', null, undefined]) {
    expect(exitCodeOfError(bug)).toBe(70);
  }
  expect([exitCodeOfFault('input'), exitCodeOfFault('environment')]).toEqual([2, 3]);
});

test('no two outcomes have one code, and a signal has 128 and its number', () => {
  expect(new Set(Object.values(ExitCode)).size).toBe(Object.keys(ExitCode).length);
  expect([ExitCode.Interrupted, ExitCode.Terminated]).toEqual([128 + 2, 128 + 15]);
});
