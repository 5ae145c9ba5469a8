// Properties about flows that are not answered, and about packets that go round.

import { type Nanos, seconds } from '../../sim/time.ts';
import { StackDrop } from '../../stack/drop-reason.ts';
import type { RequestRecord } from '../flows/statistics.ts';
import type { TellBreach } from './breach.ts';
import type { World } from './world.ts';

/** A flow asks, is not answered, and its own machines are whole. */
export function outage(world: World, found: TellBreach): void {
  for (const flow of world.flows) {
    const { answering, running, spec } = flow;
    if (answering !== false || !running || !world.endsAreWhole(flow)) continue;
    found({ kind: 'flow', name: spec.name }, `${spec.name} is not answered`);
  }
}

/** A flow is not answered though objects ask for an egress IP of its pod, or it has no pod. */
export function dark(world: World, found: TellBreach): void {
  for (const flow of world.flows) {
    const { answering, running, spec } = flow;
    if (answering !== false || !running || !world.endsAreWhole(flow)) continue;
    found({ kind: 'flow', name: spec.name }, `${spec.name} stays unanswered`);
  }
}

/** How far back the server must have seen a request for its answer to be on its way. */
const RECENT: Nanos = seconds(5);

/** The server sees requests of a flow, and the client gets no answers to them. */
export function repliesLost(world: World, found: TellBreach): void {
  for (const flow of world.flows) {
    if (flow.answering !== false || !world.endsAreWhole(flow)) continue;
    const arrived = world
      .sightings(flow)
      .findLast(({ request }) => isSettled(flow.requests.get(request)));
    if (arrived === undefined || world.now - arrived.at > RECENT + flow.spec.every) continue;
    if (flow.requests.get(arrived.request)?.answeredAt !== null) continue;
    const saw = `the server sees the requests of ${flow.spec.name}, and no answer returns`;
    found({ kind: 'flow', name: flow.spec.name }, saw);
  }
}

function isSettled(request: RequestRecord | undefined): boolean {
  return request !== undefined && (request.answeredAt !== null || request.lostAt !== null);
}

/** A machine dropped a packet whose TTL was used up. */
export function loop(world: World, found: TellBreach): void {
  for (const drops of world.lab.drops()) {
    const count = drops.of(StackDrop.TtlExceeded);
    if (count === 0) continue;
    found(
      { kind: 'machine', name: drops.device },
      `${drops.device} drops packets whose TTL is used up`,
    );
  }
}
