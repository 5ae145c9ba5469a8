// A process's log in klog form, Lmmdd hh:mm:ss.uuuuuu PPPPPPP file:line] text, with lab time, the
// process id right-aligned in seven columns, and the source position of the profile.

import type { WallClock } from '../../../kube/wall-clock.ts';
import { formatKlog } from '../../klog.ts';
import { type LogEntry, type MessageId, messages } from './messages.ts';
import type { Profile } from './profile.ts';

/** `--v=2`: what cluster-network-operator gives to sdn and sdn-controller. */
export const DEFAULT_VERBOSITY = 2;

/** What a log is written with. */
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
