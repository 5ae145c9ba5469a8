// Why a flow was not answered, as far as the capture proves it, in the words that the analysis of a lab uses.

import { CAUSES, type Cause } from '../scenario/analysis/causes.ts';
import type { Nanos } from '../sim/time.ts';
import { formatNumber } from './arp-watch.ts';
import type { FlowLog, FlowOutage } from './flow-log.ts';
import type { AddressConflict, Contested, MovedAddress, OutageRow, SeenClaim } from './model.ts';

/** What is known of the addresses of a flow. */
export interface Surroundings {
  readonly conflicts: readonly AddressConflict[];
  readonly moves: readonly MovedAddress[];
  readonly contested: readonly Contested[];
  readonly claims: readonly SeenClaim[];
  /** The last sign of a MAC address before a time; null without one. */
  lastSignOf(mac: number): Nanos | null;
  /** Questions for the server, or for the client, were not answered then. */
  isUnresolved(flow: FlowLog, from: Nanos, to: Nanos): boolean;
}

const SHORTLY: Nanos = 1_000_000_000;

/** One outage with its cause. */
export function explainOutage(
  flow: FlowLog,
  outage: FlowOutage,
  end: Nanos,
  around: Surroundings,
): OutageRow {
  const { cause, text } = causeOf(flow, outage, end, around);
  const { frame, from, lost, to } = outage;
  return { from, to, frame, lost, cause, text };
}

function causeOf(
  flow: FlowLog,
  outage: FlowOutage,
  end: Nanos,
  around: Surroundings,
): { cause: Cause; text: string } {
  const { from } = outage;
  const to = outage.to ?? end;
  const refusal = flow.refusals.find(({ at }) => at >= from && at <= to);
  const sentTo = [...outage.macs].filter((mac) => mac >= 0);
  const macs = sentTo.map(formatNumber);
  const conflict = around.conflicts.find((each) => each.from <= to && (each.to ?? end) >= from);
  if (refusal !== undefined) {
    const who = formatNumber(refusal.mac);
    const what = WORDS[refusal.kind];
    if (conflict !== undefined) {
      const { address, macs: both } = conflict;
      const text = both.includes(who)
        ? `frames go to ${who}, which has ${address} too, and ${what}`
        : `${both.join(' and ')} both have ${address}, and ${who} ${what}`;
      return { cause: 'duplicate-holder', text };
    }
    const move = around.moves.findLast((each) => each.taken <= refusal.at && each.to === who);
    if (move !== undefined && refusal.kind === 'reset') {
      const text = `${who} has taken ${move.address} over, does not know the connection, and resets it`;
      return { cause: 'connection-state', text };
    }
    if (refusal.kind === 'reset') return { cause: 'connection-state', text: `${who} ${what}` };
    const cause = refusal.kind === 'rejected' ? 'refused' : 'no-listener';
    return { cause, text: `${who} ${what}` };
  }
  const announced = around.contested.find(({ macs: each }) => macs.includes(each.at(-1) ?? ''));
  if (announced !== undefined) {
    const text = `frames go to ${announced.macs.at(-1)}, which has been announced and does not have ${announced.address}`;
    return { cause: 'stale-announcement', text };
  }
  const silent = sentTo.find((mac) => isSilent(around.lastSignOf(mac), from));
  if (silent !== undefined) {
    const who = formatNumber(silent);
    const move = around.moves.find(({ from: old }) => old === who);
    if (move !== undefined && move.taken < to) {
      const text = `frames go to ${who}, which has given no sign since; ${move.to} has the address, and what it announced was not believed or not sent`;
      return {
        cause: 'no-announcement',
        text: move.announced
          ? text
          : `frames go to ${who}, which has given no sign since; ${move.to} has the address and announced nothing`,
      };
    }
    const text = `frames go to ${who}, which has given no sign since; why cannot be seen from here`;
    return { cause: 'not-held', text };
  }
  const gap = around.moves.find(({ lost, taken }) => lost < to && taken > from);
  if (gap !== undefined) {
    const text = `${gap.from} has given no sign any more, and ${gap.to} had not taken ${gap.address} yet`;
    return { cause: 'not-held', text };
  }
  if (around.isUnresolved(flow, from, to)) return { cause: 'unresolved', text: CAUSES.unresolved };
  if (sentTo.length > 0) {
    const text = `frames go to ${macs.join(' and ')}, and no answer comes; why cannot be seen from here`;
    return { cause: 'no-answer', text };
  }
  return { cause: 'unknown', text: 'why cannot be seen from here' };
}

function isSilent(last: Nanos | null, from: Nanos): boolean {
  return last === null || last <= from + SHORTLY / 20;
}

const WORDS = {
  reset: 'resets the connection',
  refused: 'refuses the connection',
  rejected: 'says that it is unreachable, as packet filters do',
  unreachable: 'says that the port is unreachable',
} as const;
