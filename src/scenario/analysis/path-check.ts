// Walks the way that a packet would take now, from machine to machine as routes and ARP say, and stops at
// the first thing that is in its way. It looks and changes nothing.

import type { Lab } from '../../lab/lab.ts';
import type { Machine } from '../../lab/machine.ts';
import type { Segment } from '../../lab/segment.ts';
import type { Interface } from '../../stack/device/interface.ts';
import { NeighborState } from '../../stack/neighbor/state.ts';
import { formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { formatMac } from '../../wire/mac-address.ts';
import type { Cause } from './causes.ts';
import { History } from './history.ts';
import { type CabledInterface, interfacesOn } from './segments.ts';

/** Routers between two machines at most. */
const HOP_LIMIT = 32;

/** What stands in the way. */
export interface Obstacle {
  readonly cause: Cause;
  /** Where the packet goes no further. */
  readonly machine: string;
  /** One sentence, without a period. */
  readonly text: string;
}

/** The machines that a packet comes through, and what stops it; null when nothing does. */
export interface PacketPath {
  readonly way: readonly string[];
  readonly obstacle: Obstacle | null;
}

/** The way from a machine to an address, as of now. */
export function checkPath(lab: Lab, from: string, to: Ipv4Address): PacketPath {
  return new Walk(lab, to).from(from);
}

class Walk {
  readonly #lab: Lab;
  readonly #to: Ipv4Address;
  readonly #history: History;
  readonly #way: string[] = [];

  constructor(lab: Lab, to: Ipv4Address) {
    this.#lab = lab;
    this.#to = to;
    this.#history = new History(lab.events.events);
  }

  from(start: string): PacketPath {
    let machine = this.#lab.machines.get(start);
    while (machine !== undefined && this.#way.length < HOP_LIMIT) {
      const isLoop = this.#way.includes(machine.name);
      this.#way.push(machine.name);
      if (isLoop) return this.#stop(this.#loop(machine));
      const next = this.#step(machine);
      if (next === null) break;
      if ('cause' in next) return this.#stop(next);
      machine = next.machine;
    }
    return { way: this.#way, obstacle: null };
  }

  #stop(obstacle: Obstacle): PacketPath {
    return { way: [...new Set(this.#way)], obstacle };
  }

  #loop({ name }: Machine): Obstacle {
    const ring = this.#way.slice(this.#way.indexOf(name));
    const text = `the routes send what is for ${formatIpv4(this.#to)} round: ${ring.join(', ')}`;
    return { cause: 'routing-loop', machine: name, text };
  }

  /** Null: it has arrived, or goes where this walk cannot follow. */
  #step(machine: Machine): Obstacle | CabledInterface | null {
    const { name, stack } = machine;
    const since = this.#history;
    if (!stack.powered) {
      const text = `${name} has had no power${since.since(name, 'powered-off')}`;
      return { cause: 'machine-down', machine: name, text };
    }
    if (stack.addresses.isLocal(this.#to)) return null;
    if (this.#way.length > 1 && stack.sysctl.host.ip_forward === 0) return this.#noRouter(name);
    const route = stack.routes.lookup(this.#to);
    if (route === null) return this.#noRoute(machine);
    const { iface, nextHop, type } = route;
    if (type !== 'unicast' || iface === null) {
      const text = `the route of ${name} to ${formatIpv4(this.#to)} says ${type}`;
      return { cause: 'route-refuses', machine: name, text };
    }
    const cable = machine.cables.get(iface.name);
    if (cable === undefined) return null;
    const port = `${name}/${iface.name}`;
    if (!iface.port.carrier) {
      const when = since.since(port, 'link-down') || since.since(name, 'unplugged');
      const text = `${name}'s own cable ${iface.name} has been out${when}, and the route over it stays`;
      return { cause: 'no-carrier', machine: name, text };
    }
    if (!cable.link.ab.up) {
      const text = `the cable ${port} has been dark in the outgoing direction${since.since(port, 'link-down')}`;
      return { cause: 'no-carrier', machine: name, text };
    }
    if (cable.link.ab.settings.loss >= 1) return this.#loses(port, name, 'sent');
    if (cable.segment === null) return null;
    return this.#nextHop({ machine, iface, cable }, nextHop, cable.segment);
  }

  #noRouter(name: string): Obstacle {
    const target = formatIpv4(this.#to);
    const lost = this.#history.loss(this.#to, name);
    if (lost !== null) {
      const text = `${lost}, and ${name} does not forward what is still sent to it`;
      return { cause: 'not-held', machine: name, text };
    }
    const text = `${name} gets what is for ${target}, does not have that address, and is not a router (ip_forward is 0)`;
    return { cause: 'not-a-router', machine: name, text };
  }

  #noRoute({ name, stack }: Machine): Obstacle {
    const down = stack.interfaces.filter(({ up }) => !up).map((iface) => iface.name);
    const lost = this.#history.since(name, 'interface-changed');
    const why =
      down.length > 0
        ? `: ${down.join(', ')} has been down${lost}, which took its routes along`
        : '';
    const text = `${name} has no route to ${formatIpv4(this.#to)}${why}`;
    return { cause: 'no-route', machine: name, text };
  }

  #loses(port: string, machine: string, what: 'sent' | 'received'): Obstacle {
    const when = this.#history.since(port, 'impaired');
    const text = `the cable ${port} has lost every frame ${what} by ${machine}${when}`;
    return { cause: 'wire', machine, text };
  }

  /** Who gets the frame; by the entry where there is one, else by who would answer. */
  #nextHop(
    own: CabledInterface,
    nextHop: Ipv4Address,
    segment: Segment,
  ): Obstacle | CabledInterface | null {
    const { name } = own.machine;
    const plugs = interfacesOn(this.#lab, segment).filter(({ iface }) => iface !== own.iface);
    const holders = plugs.filter(({ machine }) => machine.stack.addresses.isLocal(nextHop));
    const entry = own.machine.stack.neighbors.lookup(own.iface, nextHop);
    const twin = holders.find(({ iface }) => iface.mac === own.iface.mac);
    if (twin !== undefined) return this.#sameMac(name, twin.machine.name, own.iface);
    if (entry?.valid === true) {
      const owners = plugs.filter(({ iface }) => iface.mac === entry.mac);
      const [owner] = owners;
      const isStatic = entry.state === NeighborState.Permanent ? ' (a static entry)' : '';
      const mac = `${formatMac(entry.mac)}${isStatic}`;
      const target = formatIpv4(nextHop);
      if (owner === undefined) {
        const text = `${name} sends what is for ${target} to ${mac}, and no machine on ${segment.spec.name} has that MAC address`;
        return this.#isAnsweredElsewhere(nextHop, holders)
          ? { cause: 'wrong-mac', machine: name, text }
          : null;
      }
      const other = owners.find(({ machine }) => machine !== owner.machine);
      if (other !== undefined) {
        return this.#sameMac(owner.machine.name, other.machine.name, owner.iface);
      }
      const [holder] = holders;
      const isWrong = !holders.some(({ machine }) => machine === owner.machine);
      if (isWrong && holder !== undefined && !this.#isProxy(owner, nextHop)) {
        const text = `${name} sends what is for ${target} to ${owner.machine.name}, ${mac}, and ${holder.machine.name} has the address`;
        return { cause: 'wrong-mac', machine: name, text };
      }
      return this.#across(own, owner, segment) ?? owner;
    }
    const [holder] = holders;
    if (holder === undefined) return this.#noHolder(own, nextHop, segment);
    const fault = this.#across(own, holder, segment) ?? this.#isMute(holder, nextHop);
    if (fault !== null) return fault;
    return holder;
  }

  /** Without a holder in the lab the address may be that of a pod or a router that no stack shows. */
  #isAnsweredElsewhere(nextHop: Ipv4Address, holders: readonly CabledInterface[]): boolean {
    return holders.length > 0 || this.#lab.claims.claims(nextHop).length === 0;
  }

  #isProxy({ machine }: CabledInterface, nextHop: Ipv4Address): boolean {
    return this.#lab.claims.claims(nextHop).some(({ holder }) => holder === machine.name);
  }

  #sameMac(a: string, b: string, { mac }: Interface): Obstacle {
    const text = `${a} and ${b} both have the MAC address ${formatMac(mac)}, and the switch sends a frame to one port only, never back to that which it came from`;
    return { cause: 'same-mac', machine: a, text };
  }

  #noHolder(
    { machine: { name }, iface }: CabledInterface,
    nextHop: Ipv4Address,
    segment: Segment,
  ): Obstacle | null {
    const claims = this.#lab.claims.claims(nextHop);
    const elsewhere = [...this.#lab.machines.values()].find(({ stack }) =>
      stack.addresses.isLocal(nextHop),
    );
    const target = formatIpv4(nextHop);
    const on = segment.spec.name;
    if (elsewhere !== undefined) {
      const text =
        nextHop === this.#to
          ? `${name} takes ${target} for a neighbor on ${on}, by the prefix length of its ${iface.name} or by a route, and ${elsewhere.name} has it on another segment`
          : `the next hop ${target} of ${name} is not on ${on}: ${elsewhere.name} has it on another segment`;
      return { cause: 'not-held', machine: name, text };
    }
    if (claims.length > 0) return null;
    const lost = this.#history.loss(nextHop);
    const what = nextHop === this.#to ? target : `${target}, the next hop of ${name}`;
    const text = `no machine on ${on} has ${what}${lost === null ? '' : `: ${lost}`}`;
    return { cause: 'not-held', machine: name, text };
  }

  /** The receiver's end of the way, and what is between the two. */
  #across(
    own: CabledInterface,
    { cable, iface, machine }: CabledInterface,
    segment: Segment,
  ): Obstacle | null {
    const { name, stack } = machine;
    const since = this.#history;
    const port = `${name}/${iface.name}`;
    if (!stack.powered) {
      const text = `${name} has had no power${since.since(name, 'powered-off')}`;
      return { cause: 'machine-down', machine: name, text };
    }
    if (!iface.up) {
      const text = `${port} has been down${since.since(name, 'interface-changed')}`;
      return { cause: 'no-carrier', machine: name, text };
    }
    if (!iface.port.carrier) {
      const unplugged = since.since(name, 'unplugged');
      const when = since.since(port, 'link-down') || unplugged;
      const text = `the cable ${port} has been out${when}`;
      return { cause: 'no-carrier', machine: name, text };
    }
    if (!cable.link.ba.up) {
      const text = `the cable ${port} has been dark in the incoming direction${since.since(port, 'link-down')}`;
      return { cause: 'no-carrier', machine: name, text };
    }
    if (cable.link.ba.settings.loss >= 1) return this.#loses(port, name, 'received');
    if (this.#lab.faults.separates(segment, own.machine.name, name)) {
      const text = `${own.machine.name} and ${name} have been kept apart by a partition of ${segment.spec.name}${since.since(segment.spec.name, 'partitioned')}`;
      return { cause: 'partition', machine: own.machine.name, text };
    }
    if (cable.segment !== segment) {
      const dark = [...this.#lab.links.values()].find(({ link }) => !link.carrier || !link.ab.up);
      if (dark !== undefined) {
        const link = dark.spec.name;
        const text = `the cable ${link} between segments has been out${since.since(link, 'link-down')}`;
        return { cause: 'no-carrier', machine: own.machine.name, text };
      }
    }
    return null;
  }

  /** Why a machine that has the address and hears the question would not answer. */
  #isMute({ cable, iface, machine }: CabledInterface, nextHop: Ipv4Address): Obstacle | null {
    const { name, stack } = machine;
    const target = formatIpv4(nextHop);
    const port = `${name}/${iface.name}`;
    if (!cable.link.ab.up) {
      const when = this.#history.since(port, 'link-down');
      const text = `the cable ${port} has been dark in the outgoing direction${when}: its ARP answers are lost`;
      return { cause: 'no-carrier', machine: name, text };
    }
    if (cable.link.ab.settings.loss >= 1) return this.#loses(port, name, 'sent');
    if (stack.arp.responder === 'silent') {
      const text = `${name} has ${target} and answers no ARP request for it (responder: silent)`;
      return { cause: 'arp-suppressed', machine: name, text };
    }
    const { arp_ignore: ignore, arp_filter: filter } = iface.conf;
    if (ignore > 2 || (ignore > 0 && !stack.addresses.isOn(iface, nextHop))) {
      const text = `${name} has ${target} and answers no ARP request for it on ${iface.name} (arp_ignore is ${ignore}${this.#history.since(name, 'sysctl-changed')})`;
      return { cause: 'arp-suppressed', machine: name, text };
    }
    if (filter > 0 && !stack.addresses.isOn(iface, nextHop)) {
      const text = `${name} has ${target} on another interface than ${iface.name}, and arp_filter is ${filter}`;
      return { cause: 'arp-suppressed', machine: name, text };
    }
    return null;
  }
}
