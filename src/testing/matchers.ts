// What a test can say about a lab, a machine, a capture or a run. A matcher that fails says what was seen
// instead.

import { EgressLabError } from '../base/errors.ts';
import { formatDuration } from '../base/quantity.ts';
import { Capture } from '../public/capture.ts';
import type { FrameMatch } from '../public/frame-match.ts';
import { Lab } from '../public/lab.ts';
import { Machine } from '../public/machine.ts';
import type { RunReport } from '../scenario/report.ts';
import { formatPosition } from '../schema/position.ts';
import type { Duration } from '../sim/duration.ts';
import { formatSeconds } from '../sim/time.ts';
import type { NeighborStateName } from '../stack/neighbor/state.ts';

/** Where and how often a frame is expected. */
export interface FrameOptions {
  /** Lets lab time pass until such a frame comes, at most so long; without it only what is there counts. */
  readonly within?: Duration;
  /** Exactly so many such frames; at least one when left out. */
  readonly times?: number;
}

/** What a machine is expected to believe about an address; what is left out is not looked at. */
export interface BeliefMatch {
  /** A MAC address, or whose it is: 'worker02', 'worker02/enp1s0', a pod. */
  readonly mac?: string;
  /** The state of the entry, or any of several. */
  readonly state?: NeighborStateName | readonly NeighborStateName[];
}

/** What a matcher found. */
export interface Finding {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Frames that a failure shows. */
const SHOWN = 12;

/** Looks for a frame in a capture; see LabMatchers in index.ts. */
export function toHaveFrame(
  received: unknown,
  match: FrameMatch,
  { within, times }: FrameOptions = {},
): Finding {
  const capture = received instanceof Capture ? received : misuse('toHaveFrame', 'a Capture');
  if (within !== undefined) {
    // How many came is known when the time is over; whether any came, perhaps before.
    if (times !== undefined) capture.letPass(within);
    else if (capture.matching(match).length === 0) capture.next(match, { within });
  }
  const found = capture.matching(match);
  const pass = times === undefined ? found.length > 0 : found.length === times;
  const wanted = `${times === undefined ? 'a frame' : `${times} frames`} like ${JSON.stringify(match)}`;
  const patience = within === undefined ? '' : ` within ${durationText(within)}`;
  return {
    pass,
    message: () =>
      [
        `expected ${capture.ports.join(', ')} ${pass ? 'not ' : ''}to see ${wanted}${patience}`,
        found.length > 0 ? `it saw ${found.length}:` : `it saw ${capture.frames.length} others:`,
        ...tail(found.length > 0 ? found : capture.frames),
      ].join('\n'),
  };
}

/** Looks for an entry in the neighbor table of a machine. */
export function toBelieve(received: unknown, address: string, belief: BeliefMatch = {}): Finding {
  const machine =
    received instanceof Machine ? received : misuse('toBelieve', 'a Host, Node or Pod');
  const { mac, state } = belief;
  const states = state === undefined ? null : [state].flat();
  const wantedMac = mac === undefined ? null : machine.macNamed(mac);
  const row = machine.neighbor(address);
  const pass =
    row !== null &&
    (wantedMac === null || row.mac === wantedMac) &&
    (states === null || states.includes(row.state));
  const words = [
    ...(wantedMac === null ? [] : [wantedMac === mac ? mac : `${wantedMac} (${mac})`]),
    ...(states === null ? [] : [states.join(' or ')]),
  ];
  const about = words.length === 0 ? '' : `: ${words.join(' ')}`;
  return {
    pass,
    message: () => {
      const others = machine.neighbors().map((each) => `  ${neighborText(each)}`);
      return [
        `expected ${machine.name} ${pass ? 'not ' : ''}to believe something about ${address}${about}`,
        row === null ? 'it has no entry for it' : `it believes ${neighborText(row)}`,
        ...(row === null && others.length > 0 ? ['its entries:', ...others] : []),
      ].join('\n');
    },
  };
}

/** Looks whether a machine, or anybody in a lab, answers for an address. */
export function toHoldAddress(
  received: unknown,
  address: string,
  ...machines: readonly string[]
): Finding {
  const lab = received instanceof Lab ? received : misuse('toHoldAddress', 'a Lab');
  for (const name of machines) lab.machine(name);
  const holders = lab.holders(address);
  const wanted = new Set(machines);
  const pass =
    machines.length === 0
      ? holders.length > 0
      : holders.length === wanted.size && holders.every((name) => wanted.has(name));
  const by = machines.length === 0 ? 'anybody' : machines.join(' and ');
  return {
    pass,
    message: () =>
      [
        `expected ${address} ${pass ? 'not ' : ''}to be held by ${by} at ${formatSeconds(lab.now)} s`,
        holders.length === 0 ? 'nobody holds it' : `it is held by ${holders.join(' and ')}`,
      ].join('\n'),
  };
}

/** Looks whether all expectations of a run held. */
export function toHoldExpectations(received: unknown): Finding {
  const report = isReport(received)
    ? received
    : misuse('toHoldExpectations', 'the report of runScenario');
  const { expectations, problems, topology, seed } = report;
  const failed = expectations.filter(({ verdict }) => verdict !== 'held');
  const pass = failed.length === 0 && problems.length === 0;
  return {
    pass,
    message: () =>
      pass
        ? `expected a run of ${topology.name} to miss an expectation; all ${expectations.length} held (seed ${seed})`
        : [
            `expected a run of ${topology.name} to hold its ${countOf(expectations.length)} (seed ${seed})`,
            ...problems.map(({ code, message, at }) => `${formatSeconds(at)} ${code}: ${message}`),
            ...failed.flatMap(({ at, text, position, verdict, saw }) => [
              `${formatSeconds(at)} ${text} (${formatPosition(position)}): ${verdict}`,
              ...saw.map((line) => `  ${line}`),
            ]),
          ].join('\n'),
  };
}

function misuse(matcher: string, what: string): never {
  throw new EgressLabError('EGL_ARGUMENT', `${matcher} is for something else than it was given`, {
    hint: `Give it ${what} of the package egresslab.`,
  });
}

function isReport(value: unknown): value is RunReport {
  return (
    typeof value === 'object' && value !== null && 'expectations' in value && 'problems' in value
  );
}

function neighborText(row: {
  readonly address: string;
  readonly mac: string | null;
  readonly state: string;
}): string {
  return `${row.address} ${row.mac === null ? '' : `at ${row.mac} `}${row.state}`;
}

function tail(frames: readonly { toString(): string }[]): string[] {
  const shown = frames.slice(-SHOWN).map((frame) => `  ${frame.toString()}`);
  return frames.length > SHOWN ? [`  … ${frames.length - SHOWN} before`, ...shown] : shown;
}

function durationText(duration: Duration): string {
  return typeof duration === 'number' ? formatDuration(duration) : duration;
}

function countOf(expectations: number): string {
  return expectations === 1 ? '1 expectation' : `${expectations} expectations`;
}
