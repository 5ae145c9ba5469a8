// A host of a lab: a machine with cables, which can fail.

import type { Machine as MachineModel } from '../lab/machine.ts';
import { type ConntrackRow, conntrackRows } from '../view/conntrack.ts';
import { integerArgument } from './arguments.ts';
import type { Inside } from './inside.ts';
import { Machine } from './machine.ts';
import { type ArpingOptions, type ArpingResult, arping } from './ping.ts';

/** The ways in which a machine fails. 'agent-stopped' is for nodes: the datapath stays, its network agent is gone. */
export type Failure = 'power-off' | 'unplugged' | 'agent-stopped';

/** How to put a frame on the wire. */
export interface TransmitOptions {
  /** The interface; the machine's first one when left out. */
  readonly interface?: string;
  /** A comment that captures show; made up when left out. */
  readonly comment?: string;
}

/** The shortest frame that has an Ethernet header, and the longest that any interface sends. */
const FRAME_OCTETS = { from: 14, to: 65_549 } as const;

/**
 * A machine with cables of its own. You get one from {@link Lab}.
 *
 * @example
 * ```ts
 * import { createLab } from 'egresslab';
 *
 * const lab = createLab(`
 * name: pair
 * segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
 * hosts:
 *   a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
 *   b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
 * `);
 * const a = lab.host('a');
 * a.ping('b');
 * console.log(a.neighbor('10.0.0.2')?.state); // REACHABLE
 * lab.host('b').fail();
 * console.log(a.ping('b').lost); // 1
 * ```
 */
export class Host extends Machine {
  /** @internal */
  protected readonly machine: MachineModel;

  /** A lab makes its hosts. */
  protected constructor(...made: never[]);
  /** @internal */
  protected constructor(inside: Inside, machine: MachineModel);
  protected constructor(inside: Inside, machine: MachineModel) {
    super(inside, machine.stack);
    this.machine = machine;
  }

  /** @internal */
  static of(inside: Inside, machine: MachineModel): Host {
    return new Host(inside, machine);
  }

  /** What it is. */
  get kind(): 'host' | 'node' {
    return 'host';
  }

  /** Its interfaces, in the order of the topology, without loopback. */
  get interfaces(): readonly string[] {
    return [...this.machine.cables.keys()];
  }

  /** `conntrack -L`: tracked connections, oldest first; none on a machine that tracks none. */
  conntrack(): readonly ConntrackRow[] {
    return conntrackRows(this.name, this.machine.netfilter);
  }

  /** Fails in one of three ways; 'power-off' when none is named. @throws {@link EgressLabError} EGL_COMMAND */
  fail(how: Failure = 'power-off'): void {
    this.inside.perform({ fail: this.name, how });
  }

  /** Undoes every failure; what was powered off boots, and has forgotten what it had learned. */
  restore(): void {
    this.inside.perform({ restore: this.name });
  }

  /** Pulls every cable; the machine itself goes on. `restore` plugs them in again. */
  unplug(): void {
    this.fail('unplugged');
  }

  /**
   * Runs iputils' arping and lets time pass until it exits.
   * @throws {@link EgressLabError} EGL_UNKNOWN_INTERFACE, EGL_COMMAND for options that make no sense
   */
  arping(address: string, options: ArpingOptions = {}): ArpingResult {
    const name = this.inside.interfaceName(this.stack, options.interface);
    return arping(this.inside, `${this.name}/${name}`, address, options);
  }

  /**
   * Puts a frame on the wire as a program with a raw socket does: from the destination MAC to the last octet of
   * payload, without FCS. The machine's own ARP and conntrack take no notice. `egresslab/wire` makes frames.
   * @throws {@link EgressLabError} EGL_UNKNOWN_INTERFACE, EGL_ARGUMENT for a length that no frame has
   */
  transmit(octets: Uint8Array, options: TransmitOptions = {}): void {
    integerArgument('the length of a frame', octets.length, FRAME_OCTETS.from, FRAME_OCTETS.to);
    const name = this.inside.interfaceName(this.stack, options.interface);
    const iface = this.stack.interface(name);
    if (iface === null || !this.isUp) return;
    const frame = this.stack.arena.from(octets);
    frame.note = { text: options.comment ?? `made by hand on ${iface.port.name}` };
    iface.transmit(frame);
  }
}
