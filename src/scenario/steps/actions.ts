// Steps that are one call to the lab. What has more to say has a file of its own.

import type { ApiDelayStep } from '../../topology/steps/api-delay.ts';
import type { FailStep, RestoreStep } from '../../topology/steps/fail.ts';
import type { ImpairStep } from '../../topology/steps/impair.ts';
import type { LinkStep } from '../../topology/steps/link.ts';
import type { HealStep, PartitionStep } from '../../topology/steps/partition.ts';
import type { SysctlStep } from '../../topology/steps/sysctl.ts';
import type { StartStep, StopStep } from '../../topology/steps/traffic.ts';
import type { ScenarioState } from '../state.ts';

/** `apiDelay`: the agent of a node hears later, or sooner. */
export function apiDelay({ lab }: ScenarioState, step: ApiDelayStep): void {
  lab.cluster?.setApiDelay(step.node, step.delay);
}

/** `fail`: a machine dies in one of several ways. */
export function fail({ lab }: ScenarioState, step: FailStep): void {
  lab.fail(step.machine, step.how);
}

/** `restore`: every failure of a machine is undone. */
export function restore({ lab }: ScenarioState, step: RestoreStep): void {
  lab.restore(step.machine);
}

/** `link`: a cable's carrier, or one direction of it. */
export function link({ lab }: ScenarioState, step: LinkStep): void {
  lab.setLink(step.target, step.up, step.direction);
}

/** `impair`: what cables do to frames from now on. */
export function impair({ lab }: ScenarioState, step: ImpairStep): void {
  lab.impair(step.target, step.change, { direction: step.direction, clear: step.clear });
}

/** `partition`: groups on a segment no longer hear each other. */
export function partition({ lab }: ScenarioState, step: PartitionStep): void {
  lab.partition(step.segment, step.groups);
}

/** `heal`: all machines on a segment hear each other. */
export function heal({ lab }: ScenarioState, step: HealStep): void {
  lab.heal(step.segment);
}

/** `start`: sets a flow going. */
export function start({ flows }: ScenarioState, step: StartStep): void {
  flows.get(step.flow)?.start();
}

/** `stop`: ends a flow. */
export function stop({ flows }: ScenarioState, step: StopStep): void {
  flows.get(step.flow)?.stop();
}

/** `sysctl`: settings changed while the lab runs; the stack reads them at use. */
export function sysctl({ lab }: ScenarioState, step: SysctlStep): void {
  const { stack } = lab.machine(step.machine);
  for (const { name, value, interface: target } of step.settings) {
    stack.sysctl.set(name, value, target);
    lab.events.emit(stack.name, 'sysctl-changed', { name, value, interface: target });
  }
}
