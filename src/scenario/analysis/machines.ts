// Who is alive when, and whose MAC address is whose.

import type { LabEvent, LabEvents } from '../../lab/events.ts';
import type { EventOf } from '../../sim/event-log.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Facts, MachineFacts } from './facts.ts';

/** When a machine began or ceased to be heard. */
interface Turn {
  readonly at: Nanos;
  readonly alive: boolean;
  /** 'has no power', 'is unplugged'; null for a machine that can be heard. */
  readonly state: string | null;
}

/** What a machine is after each; null: it can be heard. */
const TURNS: Partial<Readonly<Record<LabEvent['kind'], string | null>>> = {
  'powered-off': 'has no power',
  unplugged: 'is unplugged',
  'powered-on': null,
  'plugged-in': null,
};

/** The machines of a run: their MAC addresses, and when each could be heard. */
export class Machines {
  readonly all: readonly MachineFacts[];
  readonly #turns = new Map<string, Turn[]>();
  readonly #byMac = new Map<string, string>();
  readonly #byName = new Map<string, MachineFacts>();
  /** MAC addresses, by machine and port. */
  readonly #routerPorts = new Map<string, string>();
  readonly #byNodeIp = new Map<string, string>();

  constructor({ machines, events }: Pick<Facts, 'machines' | 'events'>) {
    this.all = machines;
    for (const machine of machines) {
      this.#byName.set(machine.name, machine);
      if (machine.nodeIp !== null) this.#byNodeIp.set(machine.nodeIp, machine.name);
      for (const { mac } of machine.macs) this.#byMac.set(mac, machine.name);
    }
    for (const event of events) {
      this.#observe(event);
      if (event.kind === 'claim-added') this.#learn(event);
    }
  }

  /** When it was heard no more and again, oldest first. */
  turns(machine: string): readonly Turn[] {
    return this.#turns.get(machine) ?? [];
  }

  /** Powered and with its cables in, just after `at`. */
  isAlive(machine: string, at: Nanos): boolean {
    return this.turns(machine).findLast((turn) => turn.at <= at)?.alive ?? true;
  }

  /** Since when a machine cannot be heard, and why: 'has no power'; null while it can be. */
  silence(machine: string, at: Nanos): { readonly since: Nanos; readonly state: string } | null {
    const turn = this.turns(machine).findLast((each) => each.at <= at);
    return turn === undefined || turn.state === null ? null : { since: turn.at, state: turn.state };
  }

  /** Null when no machine has the MAC. */
  owner(mac: string): string | null {
    return this.#byMac.get(mac) ?? null;
  }

  /** A node by its host address, else the text itself. */
  node(text: string): string {
    return this.#byNodeIp.get(text) ?? text;
  }

  /** The MAC address of an interface or of a router's port; null when the machine has no such. */
  mac(machine: string, iface: string): string | null {
    const macs = this.#byName.get(machine)?.macs ?? [];
    const own = macs.find((each) => each.interface === iface)?.mac;
    return own ?? this.#routerPorts.get(`${machine}/${iface}`) ?? null;
  }

  /** The ports of logical routers are known by their claims; a node's own MAC address stays the node's. */
  #learn({ source, fields }: EventOf<LabEvents, 'claim-added'>): void {
    const { interface: iface, mac } = fields;
    this.#routerPorts.set(`${source}/${iface}`, mac);
    if (!this.#byMac.has(mac)) this.#byMac.set(mac, source);
  }

  #observe({ at, source, kind }: LabEvent): void {
    const state = TURNS[kind];
    if (state === undefined) return;
    const alive = state === null;
    const turns = this.#turns.get(source) ?? [];
    // `restore` undoes both: it plugs in and powers on.
    const before = turns.at(-1)?.alive ?? true;
    if (before === alive) return;
    turns.push({ at, alive, state });
    this.#turns.set(source, turns);
  }
}
