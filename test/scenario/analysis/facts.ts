// Facts written down by hand: two nodes, a server, a router, one egress IP.

import type { LabEvent, LabEvents } from '../../../src/lab/events.ts';
import type {
  ArpSighting,
  DroppedPacket,
  Facts,
  FlowFacts,
  PathSighting,
} from '../../../src/scenario/analysis/facts.ts';
import type { NeighborCause } from '../../../src/stack/neighbor/state.ts';
import * as events from '../../support/events.ts';

export const IP = '192.168.50.120';
export const MAC: Readonly<Record<string, string>> = {
  worker01: '02:00:00:00:01:44',
  worker02: '02:00:00:00:01:45',
  router: '02:00:00:00:00:01',
  db: '02:00:00:00:00:0a',
  printer: '02:00:00:00:00:20',
};
export const SECOND = 1e9;

/** `at` in seconds. */
export function event<K extends events.Kind>(
  at: number,
  source: string,
  kind: K,
  fields: Readonly<LabEvents[K]>,
): LabEvent {
  return events.event<events.Kind>(at * SECOND, source, kind, fields);
}

/** What an sdn pod does when it takes the address. */
export function claim(at: number, node: string): LabEvent[] {
  return [
    event(at, node, 'address-added', { address: `${IP}/24`, interface: 'eth0' }),
    event(at, node, 'egress-ip-claimed', { ip: IP, vnid: 7, interface: 'eth0' }),
  ];
}

export function release(at: number, node: string): LabEvent[] {
  return [
    event(at, node, 'address-removed', { address: `${IP}/24`, interface: 'eth0' }),
    event(at, node, 'egress-ip-released', { ip: IP, vnid: 7, interface: 'eth0' }),
  ];
}

/** What a logical router on a node answers for, with the node's MAC address. */
export function routerClaim(at: number, node: string): LabEvent {
  const port = { holder: `GR_${node}`, interface: `rtoe-GR_${node}` };
  return event(at, node, 'claim-added', { address: IP, ...port, mac: MAC[node] ?? '' });
}

export function routerRelease(at: number, node: string): LabEvent {
  const port = { holder: `GR_${node}`, interface: `rtoe-GR_${node}` };
  return event(at, node, 'claim-removed', { address: IP, ...port });
}

export function announce(at: number, node: string, form: 'reply' | 'request' = 'reply'): LabEvent {
  return event(at, node, 'egress-ip-announced', { ip: IP, form, number: '1/2', interface: 'eth0' });
}

export function believe(
  at: number,
  observer: string,
  machine: string,
  cause: NeighborCause = 'reply',
): LabEvent {
  const mac = MAC[machine] ?? machine;
  return event(at, observer, 'neighbor-changed', {
    interface: 'eth0',
    address: IP,
    mac,
    state: 'STALE',
    previousMac: null,
    previousState: 'NONE',
    cause,
  });
}

export function giveUp(at: number, observer: string): LabEvent {
  return event(at, observer, 'neighbor-changed', {
    interface: 'eth0',
    address: IP,
    mac: null,
    state: 'FAILED',
    previousMac: null,
    previousState: 'PROBE',
    cause: 'unanswered',
  });
}

/** The namespace leaves by this node, or not at all. */
export function via(at: number, node: string | null): LabEvent {
  const nodes = { worker01: '192.168.50.144', worker02: '192.168.50.145' };
  const host = nodes[node === 'worker01' ? 'worker01' : 'worker02'];
  return event(at, 'worker01', 'namespace-egress', {
    vnid: 7,
    namespace: 'shop',
    pods: ['web'],
    outcome: node === null ? 'dropped' : 'via',
    ips: node === null ? [] : [IP],
    nodes: node === null ? [] : [host],
  });
}

export function hear(
  at: number,
  listener: string,
  machine: string,
  more: Partial<ArpSighting> = {},
): ArpSighting {
  return {
    at: at * SECOND,
    listener,
    address: IP,
    mac: MAC[machine] ?? machine,
    form: 'reply',
    announces: true,
    known: null,
    reserve: null,
    ...more,
  };
}

/** A pod on worker01 asks db; `outages` in seconds, to null: for ever. */
export function flow(
  outages: readonly (readonly [number, number | null])[],
  more: Partial<FlowFacts> = {},
): FlowFacts {
  return {
    name: 'web-to-db',
    from: 'web',
    pod: { name: 'web', node: 'worker01', address: '10.11.0.2', namespace: 'shop' },
    toAddress: '192.168.50.10',
    protocol: 'tcp',
    port: 5432,
    reached: [],
    observers: ['db', 'router'],
    outages: outages.map(([from, to]) => ({
      from: from * SECOND,
      to: to === null ? null : to * SECOND,
      duration: ((to ?? 60) - from) * SECOND,
      unanswered: 1,
      why: null,
    })),
    ...more,
  };
}

export function facts(
  events: readonly LabEvent[],
  more: {
    readonly heard?: readonly ArpSighting[];
    readonly drops?: readonly DroppedPacket[];
    readonly dropsOmitted?: boolean;
    readonly paths?: readonly PathSighting[];
    readonly flows?: readonly FlowFacts[];
  } = {},
): Facts {
  const machines = Object.entries(MAC).map(([name, mac]) => ({
    name,
    nodeIp: { worker01: '192.168.50.144', worker02: '192.168.50.145' }[name] ?? null,
    macs: [{ interface: 'eth0', mac }],
  }));
  const sorted = [...events].sort((a, b) => a.at - b.at);
  const { heard = [], drops = [], dropsOmitted = false, paths = [], flows = [] } = more;
  const known = { end: 60 * SECOND, events: sorted, addresses: [IP], machines, heard };
  return { ...known, drops, dropsOmitted, paths, flows };
}
