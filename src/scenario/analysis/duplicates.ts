// When several machines that could be heard held one address, told apart from a clean change of holder.

import { type Nanos, seconds } from '../../sim/time.ts';
import type { ArpSighting } from './facts.ts';
import { holdsAt } from './holdings.ts';
import type { Machines } from './machines.ts';
import type { Belief, DuplicateWindow, Holding, Move } from './model.ts';

/** Shorter overlaps are how two nodes hear of one change. */
const HANDOVER: Nanos = seconds(1);

/** The windows of one address, by time; `end` is when the run ended. */
export function duplicatesOf(
  holdings: readonly Holding[],
  beliefs: readonly Belief[],
  heard: readonly ArpSighting[],
  machines: Machines,
  end: Nanos,
): DuplicateWindow[] {
  const windows: DuplicateWindow[] = [];
  let since: Nanos | null = null;
  let before: readonly string[] = [];
  const close = (to: Nanos | null): void => {
    if (since === null || since === to) return;
    const from = since;
    const until = to ?? end;
    const kind = until - from < HANDOVER && to !== null ? 'handover' : 'conflict';
    const macs = before.map(
      (machine) => holdings.find((holding) => holding.machine === machine)?.mac ?? '',
    );
    const answers = before.map(
      (machine) =>
        heard.filter(
          ({ announces, at, form, mac }) =>
            form === 'reply' &&
            !announces &&
            at >= from &&
            at <= until &&
            machines.owner(mac) === machine,
        ).length,
    );
    const flips = countFlips(beliefs, before, from, until);
    windows.push({ from, to, machines: before, macs, kind, answers, flips });
  };
  for (const at of boundaries(holdings, machines)) {
    const now = holdersAt(holdings, machines, at);
    if (now.join() === before.join()) continue;
    close(at);
    since = now.length > 1 ? at : null;
    before = now;
  }
  close(null);
  return windows;
}

/** Machines that hold the address and can be heard, by the time of taking it. */
export function holdersAt(holdings: readonly Holding[], machines: Machines, at: Nanos): string[] {
  const names = holdings
    .filter((holding) => holdsAt(holding, at) && machines.isAlive(holding.machine, at))
    .map(({ machine }) => machine);
  return [...new Set(names)];
}

/** Each time a machine took the address that another had had before. */
export function movesOf(
  holdings: readonly Holding[],
  duplicates: readonly DuplicateWindow[],
  machines: Machines,
): Move[] {
  const moves: Move[] = [];
  holdings.forEach((holding, at) => {
    const previous = holdings.slice(0, at).findLast(({ machine }) => machine !== holding.machine);
    if (previous === undefined || holdings[at - 1]?.machine === holding.machine) return;
    // Both had it from the start, or took it together: it did not go anywhere.
    if (previous.from === holding.from) return;
    const { from: taken } = holding;
    const silent = machines
      .turns(previous.machine)
      .findLast((turn) => !turn.alive && turn.at <= taken && turn.at >= previous.from);
    const gone = [previous.to, silent?.at ?? null].filter((each) => each !== null);
    const lost = gone.length === 0 ? null : Math.min(...gone);
    const clean = !duplicates.some(
      ({ from, kind, to }) => kind === 'conflict' && from <= taken && (to === null || to > taken),
    );
    moves.push({ from: previous.machine, to: holding.machine, lost, taken, clean });
  });
  return moves;
}

function boundaries(holdings: readonly Holding[], machines: Machines): Nanos[] {
  const times = new Set<Nanos>();
  for (const { from, to, machine } of holdings) {
    times.add(from);
    if (to !== null) times.add(to);
    for (const { at } of machines.turns(machine)) times.add(at);
  }
  return [...times].sort((a, b) => a - b);
}

function countFlips(
  beliefs: readonly Belief[],
  machines: readonly string[],
  from: Nanos,
  to: Nanos,
): number {
  let flips = 0;
  for (const { spans } of beliefs) {
    for (let i = 1; i < spans.length; i++) {
      const [previous, next] = [spans[i - 1]?.machine ?? '', spans[i]];
      if (next === undefined || next.from < from || next.from > to) continue;
      const changed = next.machine !== previous;
      if (changed && machines.includes(next.machine ?? '') && machines.includes(previous)) flips++;
    }
  }
  return flips;
}
