// What all objects of one lab share behind the face: the lab, the session that keeps its timeline and
// flows, and one way to do things to it, which is that of steps and of commands typed at a live lab.

import { present } from '../base/assert.ts';
import { EgressLabError } from '../base/errors.ts';
import type { Lab as LabModel } from '../lab/lab.ts';
import { unknownName } from '../lab/unknown-name.ts';
import type { Flow } from '../scenario/flows/flow.ts';
import { ScenarioSession } from '../scenario/session.ts';
import type { NetworkStack } from '../stack/stack.ts';
import type { Step } from '../topology/steps/index.ts';
import { TypedSteps } from '../topology/typed-step.ts';
import { formatIpv4, type Ipv4Address, parseIpv4 } from '../wire/ipv4-address.ts';
import { formatMac } from '../wire/mac-address.ts';
import { seedOption } from './arguments.ts';
import type { Topology } from './topology.ts';

/** The inside of a lab, which the classes of the face share. */
export class Inside {
  readonly topology: Topology;
  readonly session: ScenarioSession;
  readonly lab: LabModel;
  readonly #steps: TypedSteps;

  /** @throws EgressLabError EGL_SEED, EGL_ATTACH_NEEDS_REALTIME */
  constructor(topology: Topology, seed: number | undefined) {
    this.topology = topology;
    this.session = new ScenarioSession(topology.model, { ...seedOption(seed), openEnded: true });
    this.lab = this.session.lab;
    this.#steps = new TypedSteps(topology.model);
  }

  /** Reads a step without performing it. @throws EgressLabError EGL_COMMAND */
  read(step: object): Step {
    return this.#steps.read(step, this.lab.now);
  }

  /** Does what a step says, in this instant. @throws EgressLabError EGL_COMMAND, EGL_OC_... */
  perform(given: object): Step {
    const step = this.read(given);
    if (step.kind === 'expect') {
      throw new EgressLabError('EGL_COMMAND', 'an expect step does nothing to a lab', {
        hint: 'Assert in your test, with the matchers of egresslab/vitest or by yourself.',
      });
    }
    this.session.perform(step);
    return step;
  }

  /** An address: as written, or the first one of the machine of that name. @throws EgressLabError EGL_UNKNOWN_MACHINE */
  address(text: string): Ipv4Address {
    const literal = parseIpv4(text);
    if (literal !== null) return literal;
    const { interfaces, loopback } = this.lab.stack(text);
    for (const iface of interfaces) {
      if (iface === loopback) continue;
      const [first] = iface.addresses;
      if (first !== undefined) return first.address;
    }
    throw new EgressLabError('EGL_ARGUMENT', `${text} has no address`, {
      hint: 'Name an address instead.',
    });
  }

  /** Machines that have power and the address. */
  holders(address: Ipv4Address): string[] {
    return this.lab.claims.holders(address);
  }

  /** @throws EgressLabError EGL_UNKNOWN_FLOW */
  flow(name: string): Flow {
    const { flows } = this.session;
    return flows.get(name) ?? unknownName('flow', name, [...flows.keys()]);
  }

  /** @throws EgressLabError EGL_UNKNOWN_INTERFACE */
  macOf(stack: NetworkStack, interfaceName: string | undefined): string {
    const iface = stack.interface(this.interfaceName(stack, interfaceName));
    return formatMac(present(iface, 'the name was checked').mac);
  }

  /** A MAC address as written, or that of whom it belongs to, as an expectation about `machine` reads it. @throws EgressLabError EGL_COMMAND */
  macNamed(machine: string, owner: string): string {
    const step = this.read({ expect: { neighbor: machine, address: '0.0.0.0', mac: owner } });
    const [expectation] = step.kind === 'expect' ? step.expectations : [];
    const found = expectation?.kind === 'neighbor' ? expectation.mac : null;
    return formatMac(present(found, 'an expectation that was read names a MAC address').mac);
  }

  /** The name of an interface of a machine: the one given, else its first. @throws EgressLabError EGL_UNKNOWN_INTERFACE */
  interfaceName(stack: NetworkStack, name: string | undefined): string {
    const known = stack.interfaces
      .filter((iface) => iface !== stack.loopback)
      .map((iface) => iface.name);
    const [first] = known;
    if (name === undefined && first !== undefined) return first;
    if (name !== undefined && known.includes(name)) return name;
    return unknownName('interface', name ?? '', known);
  }
}

/** An address in one spelling. @throws EgressLabError EGL_ARGUMENT */
export function plainAddress(text: string): string {
  const address = parseIpv4(text);
  if (address !== null) return formatIpv4(address);
  throw new EgressLabError('EGL_ARGUMENT', `"${text}" is not an IPv4 address`, {
    hint: 'Give four numbers from 0 to 255, such as 192.168.50.120.',
  });
}
