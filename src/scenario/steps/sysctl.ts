// `sysctl`: settings changed while the lab runs; the stack reads them at use.

import type { SysctlStep } from '../../topology/steps/sysctl.ts';
import type { ScenarioRun } from '../scenario-run.ts';

export function sysctl({ lab }: ScenarioRun, step: SysctlStep): void {
  const { stack } = lab.machine(step.machine);
  for (const { name, value, interface: target } of step.settings) {
    stack.sysctl.set(name, value, target);
    lab.events.emit(stack.name, 'sysctl-changed', { name, value, interface: target });
  }
}
