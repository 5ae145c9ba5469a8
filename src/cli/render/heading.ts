// The first and the last words of a run. Wall time appears here and nowhere else.

import type { RunReport } from '../../scenario/report.ts';
import type { Style } from './style.ts';
import { formatLabTime, printable } from './text.ts';

/** What is about to run. */
export interface Heading {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  /** Nanoseconds of lab time; null for a lab that runs in real time until it is stopped. */
  readonly duration: number | null;
}

/** The first lines of a run: what is run, with which seed. */
export function renderHeading(heading: Heading, style: Style): string[] {
  const { seed, duration } = heading;
  const length =
    duration === null ? 'in real time until Ctrl-C' : `${formatLabTime(duration)} of lab time`;
  const facts = `seed ${seed}, ${length}`;
  const first = `${style.bold(printable(heading.name))}   ${facts}`;
  return heading.description === '' ? [first] : [first, printable(heading.description)];
}

/** '60 s of lab time in 0.21 s'. */
export function renderPace(report: RunReport, wallSeconds: number, style: Style): string {
  const cut = report.outcome === 'interrupted' || report.outcome === 'stopped';
  const lab = `${cut ? `${report.outcome} after ` : ''}${formatLabTime(report.labDuration)} of lab time`;
  return (cut ? style.yellow : style.dim)(`${lab} in ${wallSeconds.toFixed(2)} s`);
}
