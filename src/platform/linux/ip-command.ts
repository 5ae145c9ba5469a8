// iproute2's `ip`, called with an argument vector and never through a shell. It configures the kernel's
// end of an attachment, as a person would.

import { execFileSync } from 'node:child_process';
import { EgressLabError } from '../../base/errors.ts';
import { errnoOf } from '../errno.ts';

/** sudo and cron leave these out of PATH on some systems. */
const SYSTEM_PATH = '/usr/sbin:/sbin:/usr/bin:/bin';
const TIMEOUT_MILLISECONDS = 10_000;

/** Runs `ip` in a namespace, or in that of the process. @throws EgressLabError EGL_ATTACH_CONFIGURE */
export function ip(netns: string | null, ...args: readonly string[]): string {
  const argv = netns === null ? args : ['-n', netns, ...args];
  try {
    return execFileSync('ip', argv, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MILLISECONDS,
      env: { PATH: `${process.env.PATH ?? ''}:${SYSTEM_PATH}`, LC_ALL: 'C' },
    });
  } catch (cause) {
    throw problem(['ip', ...argv].join(' '), cause);
  }
}

/** The same, where failing is as good: undoing what may be undone already. */
export function tryIp(netns: string | null, ...args: readonly string[]): boolean {
  try {
    ip(netns, ...args);
    return true;
  } catch (error) {
    if (error instanceof EgressLabError) return false;
    throw error;
  }
}

function problem(command: string, cause: unknown): EgressLabError {
  if (errnoOf(cause) === 'ENOENT') {
    return new EgressLabError('EGL_ATTACH_CONFIGURE', 'there is no `ip` command', {
      hint: "Install iproute2, or set the kernel's end up yourself with `configure: false`.",
      fault: 'environment',
      cause,
    });
  }
  const said = stderrOf(cause);
  return new EgressLabError('EGL_ATTACH_CONFIGURE', `\`${command}\` failed: ${said}`, {
    hint: /not permitted|denied/i.test(said)
      ? 'Setting interfaces up needs CAP_NET_ADMIN: run it with sudo, or within `unshare -Urn`.'
      : "Correct what the topology asks for, or set the kernel's end up yourself with `configure: false`.",
    fault: 'environment',
    cause,
  });
}

function stderrOf(cause: unknown): string {
  if (cause instanceof Error && 'stderr' in cause && typeof cause.stderr === 'string') {
    const said = cause.stderr.trim().replaceAll(/\s*\n\s*/g, '; ');
    if (said !== '') return said;
  }
  return cause instanceof Error ? cause.message : String(cause);
}
