// A process's log in klog form, Lmmdd hh:mm:ss.uuuuuu PPPPPPP file:line] text, with lab time, the
// process id right-aligned in seven columns, and the source position of the profile.

import { calendarTime, padded } from '../../../base/calendar.ts';
import type { WallClock } from '../../../kube/wall-clock.ts';
import { type LogEntry, type MessageId, messages, type Severity } from './messages.ts';
import type { Profile } from './profile.ts';

/** `--v=2`: what cluster-network-operator gives to sdn and sdn-controller. */
export const DEFAULT_VERBOSITY = 2;

/** One line without newline. */
export function formatKlog(
  severity: Severity,
  epochMicros: number,
  pid: number,
  at: string,
  text: string,
): string {
  const t = calendarTime(epochMicros);
  const date = `${padded(t.month, 2)}${padded(t.day, 2)}`;
  const time = `${padded(t.hour, 2)}:${padded(t.minute, 2)}:${padded(t.second, 2)}.${padded(t.micros, 6)}`;
  return `${severity}${date} ${time} ${String(pid).padStart(7)} ${at}] ${text}`;
}

/** Whose log it is, and where its lines go. */
export interface KlogOptions {
  readonly clock: WallClock;
  readonly profile: Profile;
  readonly pid: number;
  readonly verbosity: number;
  readonly write: (line: string) => void;
}

/** The log of one process. */
export class Klog {
  readonly #options: KlogOptions;

  constructor(options: KlogOptions) {
    this.#options = options;
  }

  /** Writes a line, if the process is as talkative as the line asks. */
  log(message: MessageId, text: string): void {
    const { clock, profile, pid, verbosity, write } = this.#options;
    const { severity, verbosity: wanted, at } = messages[message];
    if (wanted > verbosity) return;
    const prefix = message === 'tracker-error' ? profile.trackerErrorPrefix : '';
    write(formatKlog(severity, clock.micros(), pid, at[profile.name], `${prefix}${text}`));
  }

  /** Writes what a tracker asks to be written. */
  entry({ message, text }: LogEntry): void {
    this.log(message, text);
  }
}
