// `ping`: a few echo requests from one machine.

import type { Nanos } from '../../sim/time.ts';
import type { PingStep } from '../../topology/steps/ping.ts';
import { ANY_ADDRESS, formatIpv4 } from '../../wire/ipv4-address.ts';
import type { PingProgress, ScenarioState } from '../state.ts';

/** `ping`: begins to ask; answers and the end are events. */
export function ping({ lab, pings }: ScenarioState, step: PingStep): void {
  const stack = lab.stack(step.from);
  const { scheduler, events } = lab;
  const counts: PingProgress = { sent: 0, answered: 0, lost: 0 };
  pings.set(step.name, counts);
  /** When each unanswered request left. */
  const waiting = new Map<number, Nanos>();
  const socket = stack.icmp.openEcho({
    onReply: ({ from, sequence }) => {
      const sent = waiting.get(sequence);
      if (sent === undefined) return;
      waiting.delete(sequence);
      counts.answered++;
      const roundTrip = scheduler.now - sent;
      const fields = { name: step.name, from: formatIpv4(from), sequence, roundTrip };
      events.emit(step.from, 'ping-reply', fields);
    },
    onError: () => {},
  });
  const finish = (): void => {
    if (!stack.powered) return;
    counts.lost = counts.sent - counts.answered;
    socket.close();
    events.emit(step.from, 'ping-done', { name: step.name, to: formatIpv4(step.to), ...counts });
  };
  const ask = (sequence: number): void => {
    // The program dies with its host.
    if (!stack.powered) return;
    counts.sent++;
    waiting.set(sequence, scheduler.now);
    const source = step.source ?? ANY_ADDRESS;
    socket.send(step.to, sequence, { source, size: step.size });
    if (sequence < step.count) scheduler.after(step.interval, ask, sequence + 1, null);
    else scheduler.after(step.timeout, finish, null, null);
  };
  ask(1);
}
