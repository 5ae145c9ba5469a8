// `ping`: a few echo requests from one machine.

import type { PingStep } from '../../topology/steps/ping.ts';
import { ANY_ADDRESS, formatIpv4 } from '../../wire/ipv4-address.ts';
import type { PingRun, ScenarioRun } from '../scenario-run.ts';

export function ping({ lab, pings }: ScenarioRun, step: PingStep): void {
  const stack = lab.stack(step.from);
  const { scheduler, events } = lab;
  const counts: PingRun = { sent: 0, answered: 0, lost: 0 };
  pings.set(step.name, counts);
  const waiting = new Set<number>();
  const socket = stack.icmp.openEcho({
    onReply: ({ sequence }) => {
      if (waiting.delete(sequence)) counts.answered++;
    },
    onError: () => {},
  });
  const finish = (): void => {
    counts.lost = counts.sent - counts.answered;
    socket.close();
    events.emit(step.from, 'ping-done', { name: step.name, to: formatIpv4(step.to), ...counts });
  };
  const ask = (sequence: number): void => {
    counts.sent++;
    waiting.add(sequence);
    const source = step.source ?? ANY_ADDRESS;
    socket.send(step.to, sequence, { source, size: step.size });
    if (sequence < step.count) scheduler.after(step.interval, ask, sequence + 1, null);
    else scheduler.after(step.timeout, finish, null, null);
  };
  ask(1);
}
