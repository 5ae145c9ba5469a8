// A running lab as somebody sees it who asks now: the answers to `egresslab status`, `arp`, `fdb` and
// `conntrack`, as plain data.

import { EgressLabError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { fdbLines, neighborLines } from '../lab/inspect.ts';
import type { Lab } from '../lab/lab.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';
import type { Listing } from './report.ts';
import { holdersOf } from './scenario-run.ts';

/** How a lab is. */
export type LabStatus = {
  readonly topology: string;
  readonly description: string;
  readonly seed: number;
  /** Seconds of lab time. */
  readonly labSeconds: number;
  /** Lab time as a calendar date. */
  readonly labTime: string;
  readonly machines: readonly MachineStatus[];
  /** Every egress IP that an object names, and who holds it. */
  readonly egressIps: readonly { readonly address: string; readonly heldBy: readonly string[] }[];
};

export type MachineStatus = {
  readonly name: string;
  readonly kind: 'host' | 'node' | 'pod';
  readonly state: 'up' | 'off';
  readonly addresses: readonly string[];
};

export function labStatus(lab: Lab): LabStatus {
  const { cluster, topology } = lab;
  const pods = [...(cluster?.pods.keys() ?? [])];
  const names = [...lab.machines.keys(), ...pods];
  return {
    topology: topology.name,
    description: topology.description,
    seed: lab.seed,
    labSeconds: Math.floor(lab.now / 1e9),
    labTime: lab.clock.timestamp(),
    machines: names.map((name) => machineStatus(lab, name)),
    egressIps: (cluster?.egressAddresses() ?? []).map((address) => ({
      address: formatIpv4(address),
      heldBy: holdersOf(lab, address),
    })),
  };
}

function machineStatus(lab: Lab, name: string): MachineStatus {
  const stack = lab.stack(name);
  const isNode = lab.cluster?.nodes.has(name) === true;
  const addresses = stack.interfaces
    .filter((iface) => iface !== stack.loopback)
    .flatMap((iface) => iface.addresses.map(({ address }) => formatIpv4(address)));
  return {
    name,
    kind: lab.machines.has(name) ? (isNode ? 'node' : 'host') : 'pod',
    state: stack.powered ? 'up' : 'off',
    addresses,
  };
}

/** `ip neigh` of one machine or pod, or of all that have entries. @throws EgressLabError EGL_UNKNOWN_MACHINE */
function arpListings(lab: Lab, name: string | null): Listing[] {
  const stacks = name === null ? lab.stacks() : [lab.stack(name)];
  return listings(
    stacks.map((stack) => ({ device: stack.name, lines: neighborLines(stack) })),
    name,
  );
}

/** `bridge fdb` of one segment or of all. @throws EgressLabError EGL_UNKNOWN_SEGMENT */
function fdbListings(lab: Lab, name: string | null): Listing[] {
  const segments = name === null ? [...lab.segments.values()] : [lab.segment(name)];
  return listings(
    segments.map((segment) => ({
      device: segment.spec.name,
      lines: fdbLines(segment, lab.now),
    })),
    name,
  );
}

/** `conntrack -L` of one host or node or of all that track something. @throws EgressLabError EGL_UNKNOWN_MACHINE */
function conntrackListings(lab: Lab, name: string | null): Listing[] {
  const machines = name === null ? [...lab.machines.values()] : [lab.machine(name)];
  return listings(
    machines.map((machine) => ({ device: machine.name, lines: machine.netfilter.dump() })),
    name,
  );
}

/** What nobody asked for by name and has nothing to say is left out. */
function listings(all: readonly Listing[], name: string | null): Listing[] {
  return name === null ? all.filter(({ lines }) => lines.length > 0) : [...all];
}

type Inspection = (lab: Lab, name: string | null) => Listing[];

const INSPECTIONS: ReadonlyMap<string, Inspection> = new Map([
  ['arp', arpListings],
  ['fdb', fdbListings],
  ['conntrack', conntrackListings],
]);

/** One of these by its name. @throws EgressLabError EGL_COMMAND for what can not be looked at, and for unknown machines */
export function inspect(lab: Lab, what: string, name: string | null): Listing[] {
  const inspection = INSPECTIONS.get(what);
  if (inspection !== undefined) return inspection(lab, name);
  const known = [...INSPECTIONS.keys()];
  const near = suggest(what, known);
  throw new EgressLabError('EGL_COMMAND', `there is no list "${what}"`, {
    hint: near === null ? `Known: ${known.join(', ')}.` : `Did you mean "${near}"?`,
  });
}
