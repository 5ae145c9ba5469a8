// Runs a scenario from time zero to its end, in virtual time, and tells what happened.

import { EgressLabError } from '../base/errors.ts';
import { millis, type Nanos, NEVER } from '../sim/time.ts';
import type { Topology } from '../topology/topology.ts';
import type { RunReport } from './report.ts';
import type { RunOptions } from './run-options.ts';
import { ScenarioSession } from './session.ts';

/** How far time goes before the caller may breathe. */
const SLICE: Nanos = millis(20);

/** See RunScenario in run-options.ts. */
export async function runScenario(
  topology: Topology,
  options: RunOptions = {},
): Promise<RunReport> {
  const session = new ScenarioSession(topology, options);
  try {
    options.recorder?.begin(session.lab);
    session.begin();
    const interrupted = await pass(session, options);
    return session.finish(interrupted);
  } finally {
    session.dispose();
  }
}

/** Lets time pass in slices; true if the caller aborted. A lab that fails stops and says why. */
async function pass(session: ScenarioSession, options: RunOptions): Promise<boolean> {
  const { signal, breathe, recorder } = options;
  const { lab } = session;
  const { duration } = lab.topology.scenario;
  try {
    while (lab.now < duration) {
      if (session.stopped) return false;
      if (signal?.aborted === true) return true;
      const next = Math.max(lab.scheduler.nextDeadline(), lab.now);
      const end = recorder === undefined ? next + SLICE : next;
      lab.scheduler.advanceTo(Math.min(next === NEVER ? duration : end, duration));
      recorder?.look();
      const pause = breathe?.(lab.now) ?? null;
      if (pause !== null) await pause;
    }
  } catch (error) {
    if (!(error instanceof EgressLabError)) throw error;
    session.fail(error);
  }
  return false;
}
