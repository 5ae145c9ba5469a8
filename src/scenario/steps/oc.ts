// `oc`: a command typed at that moment, through the parser that the command line uses.

import { EgressLabError } from '../../base/errors.ts';
import { formatPosition } from '../../schema/position.ts';
import type { OcStep } from '../../topology/steps/oc.ts';
import type { ScenarioState } from '../state.ts';

/** `oc`. @throws EgressLabError EGL_NO_CLUSTER */
export function oc({ lab }: ScenarioState, step: OcStep): void {
  if (lab.cluster === null) {
    throw new EgressLabError(
      'EGL_NO_CLUSTER',
      `${formatPosition(step.position)}: there is no cluster`,
      {
        hint: 'Add `cluster:` to the topology, or remove the oc step.',
      },
    );
  }
  const { stderr, exitCode } = lab.cluster.oc(step.command, step.line);
  if (exitCode !== 0) lab.events.emit('oc', 'oc-failed', { message: stderr.trim(), exitCode });
}
