// One host, as Linux would describe it: interfaces, addresses, routes, neighbors, protocols, hooks.
// A reading order for newcomers: device/interface.ts, this file, ipv4/ipv4.ts, arp/arp.ts, neighbor/table.ts.

import { assert } from '../base/assert.ts';
import { Channel } from '../link/channel.ts';
import { Drops } from '../link/drops.ts';
import type { Emitter } from '../sim/event-log.ts';
import type { Random } from '../sim/random.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import * as ethernet from '../wire/ethernet.ts';
import type { Frame, FrameArena } from '../wire/frame.ts';
import { type Ipv4Cidr, ipv4Address, networkOf } from '../wire/ipv4-address.ts';
import { type MacAddress, ZERO_MAC } from '../wire/mac-address.ts';
import { EtherType } from '../wire/numbers.ts';
import { Arp } from './arp/arp.ts';
import { ArpResolver } from './arp/resolver.ts';
import type { InterfaceAddress } from './device/address.ts';
import { AddressTable } from './device/address-table.ts';
import {
  Interface,
  type InterfaceOptions,
  type InterfaceOwner,
  LOOPBACK_MTU,
} from './device/interface.ts';
import { isTag, withoutPriorityTags } from './device/priority-tag.ts';
import { StackDrop } from './drop-reason.ts';
import type { StackEvents } from './events.ts';
import { Hooks } from './hooks.ts';
import { Icmp } from './icmp/icmp.ts';
import { Fib } from './ipv4/fib.ts';
import { Ipv4 } from './ipv4/ipv4.ts';
import type { Route, RouteTable } from './ipv4/route-table.ts';
import { NeighborTable } from './neighbor/table.ts';
import type { SocketHost } from './socket/host.ts';
import { SysctlTree } from './sysctl/tree.ts';
import { Tcp } from './tcp/tcp.ts';
import { Udp } from './udp/udp.ts';

const LOOPBACK_ADDRESS: Ipv4Cidr = { address: ipv4Address(0x7f00_0001), prefixLength: 8 };

/** What a host is made with. */
export interface StackOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly arena: FrameArena;
  /** This host's own stream; parts of the stack fork theirs from it by name. */
  readonly random: Random;
  readonly events: Emitter<StackEvents>;
}

/** A machine's network. Give its interfaces' ports to links; everything else happens by itself. */
export class NetworkStack implements SocketHost, InterfaceOwner {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly arena: FrameArena;
  readonly random: Random;
  readonly events: Emitter<StackEvents>;
  readonly drops: Drops;
  readonly sysctl: SysctlTree = new SysctlTree();
  readonly interfaces: Interface[] = [];
  readonly addresses: AddressTable;
  readonly fib: Fib = new Fib();
  readonly routes: RouteTable = this.fib.main;
  readonly hooks: Hooks = new Hooks();
  readonly neighbors: NeighborTable;
  readonly arp: Arp;
  readonly ipv4: Ipv4;
  readonly icmp: Icmp;
  readonly udp: Udp;
  readonly tcp: Tcp;
  readonly loopback: Interface;
  readonly #powerListeners: ((on: boolean) => void)[] = [];
  readonly #interfaceListeners: ((iface: Interface) => void)[] = [];
  #powered = true;

  constructor(options: StackOptions) {
    this.name = options.name;
    this.scheduler = options.scheduler;
    this.arena = options.arena;
    this.random = options.random;
    this.events = options.events;
    this.drops = new Drops(options.name);
    this.addresses = new AddressTable(options.name, options.events);
    this.addresses.onChange((iface, address, added) => {
      this.sysctl.settle(iface.name);
      this.#routeSubnet(iface, address, added);
    });
    this.loopback = this.#makeLoopback();
    const resolver = new ArpResolver(this);
    this.neighbors = new NeighborTable(this, resolver);
    this.arp = new Arp(this, resolver);
    this.ipv4 = new Ipv4(this);
    this.icmp = new Icmp(this);
    this.udp = new Udp(this);
    this.tcp = new Tcp(this);
    this.addresses.add(this.loopback, LOOPBACK_ADDRESS);
  }

  /** False after a power failure: the host says nothing, answers nothing and has forgotten everything. */
  get powered(): boolean {
    return this.#powered;
  }

  /** Adds an interface, up and without address; plug its `port` into a Link. */
  addInterface(options: InterfaceOptions): Interface {
    assert(this.interface(options.name) === null, 'the interface names of a host are unique');
    const sysctls = this.sysctl.addInterface(options.name);
    const iface = new Interface(this, this.interfaces.length + 1, sysctls, options);
    this.interfaces.push(iface);
    return iface;
  }

  interface(name: string): Interface | null {
    return this.interfaces.find((iface) => iface.name === name) ?? null;
  }

  /** Called by an interface for every frame that is for this host. */
  receive(frame: Frame, ingress: Interface): void {
    const l3 = frame.start + ethernet.HEADER_LENGTH;
    const type = ethernet.etherType(frame);
    if (type === EtherType.Ipv4) this.ipv4.receive(frame, l3, ingress);
    else if (type === EtherType.Arp) this.arp.receive(frame, l3, ingress);
    else if (isTag(type)) this.#receiveTagged(frame, ingress);
    else this.drops.count(StackDrop.UnknownEtherType, ingress.name, frame);
  }

  #receiveTagged(frame: Frame, ingress: Interface): void {
    const plain = withoutPriorityTags(this.arena, frame);
    if (plain !== null) this.receive(plain, ingress);
    else this.drops.count(StackDrop.UnknownEtherType, ingress.name, frame);
  }

  /** `ip link set up|down`. */
  setInterfaceUp(iface: Interface, up: boolean): void {
    if (iface.up === up) return;
    iface.up = up;
    this.#routeInterface(iface);
    this.events.emit(this.name, 'interface-changed', {
      interface: iface.name,
      state: up ? 'up' : 'down',
    });
    iface.port.setEnabled(up);
    if (up) {
      this.arp.interfaceUp(iface);
    } else {
      this.arp.interfaceDown(iface);
      this.neighbors.flush(iface);
    }
    for (const listener of this.#interfaceListeners) listener(iface);
  }

  /** `ip link set <iface> mtu <mtu>`. */
  setInterfaceMtu(iface: Interface, mtu: number): void {
    iface.mtu = mtu;
    this.fib.flush();
  }

  /** `ip link set <iface> address <mac>`. */
  setInterfaceMac(iface: Interface, mac: MacAddress): void {
    if (iface.mac === mac) return;
    iface.mac = mac;
    this.arp.macChanged(iface);
  }

  /** Called by an interface whose cable was pulled or plugged. */
  carrierChanged(iface: Interface, up: boolean): void {
    if (!this.#powered) return;
    this.events.emit(this.name, 'carrier-changed', { interface: iface.name, carrier: up });
    // A carrier that returns announces nothing, not even with arp_notify.
    if (!up && iface.conf.arp_evict_nocarrier > 0) this.neighbors.flush(iface, true);
  }

  /** Calls `listener` after an interface was set up or down. */
  onInterface(listener: (iface: Interface) => void): void {
    this.#interfaceListeners.push(listener);
  }

  /** Calls `listener` after every power-off (false) and power-on (true). */
  onPower(listener: (on: boolean) => void): void {
    this.#powerListeners.push(listener);
  }

  /** Pulls the mains plug. Nothing is sent; sockets, neighbors and connections are gone. */
  powerOff(): void {
    if (!this.#powered) return;
    this.#powered = false;
    this.tcp.reset();
    this.udp.reset();
    this.ipv4.reset();
    this.icmp.reset();
    this.fib.flush();
    this.arp.reset();
    for (const iface of this.interfaces) this.neighbors.flush(iface, true);
    for (const listener of this.#powerListeners) listener(false);
  }

  /** Boots: configured addresses and routes stand, everything learned is gone. */
  powerOn(): void {
    if (this.#powered) return;
    this.#powered = true;
    this.fib.flush();
    for (const listener of this.#powerListeners) listener(true);
  }

  /**
   * An interface that goes down takes all its routes along (fib_disable_ip); one that comes up brings
   * those to its own subnets, but configured ones are gone for good.
   */
  #routeInterface(iface: Interface): void {
    this.fib.flush();
    if (iface.up) for (const held of iface.addresses) this.#routeSubnet(iface, held, true);
    else this.fib.removeRoutes((route) => route.iface === iface);
  }

  /** A primary address brings the route to its subnet, as fib_add_ifaddr does; routes from it go with it. */
  #routeSubnet(iface: Interface, address: InterfaceAddress, added: boolean): void {
    this.fib.flush();
    if (!added && !this.addresses.isLocal(address.address)) {
      this.fib.removeRoutes((route) => route.source === address.address);
    }
    if (!added && iface.addresses.length === 0) {
      // fib_disable_ip: without an address there is no IP on the interface, and nobody is known there.
      this.fib.removeRoutes((route) => route.iface === iface);
      this.neighbors.flush(iface);
    }
    if (!iface.up) return;
    // Those of lo, the first interface, stand in the local table.
    if (address.secondary || address.prefixLength === 32 || iface === this.interfaces[0]) return;
    const destination: Ipv4Cidr = { ...address, address: networkOf(address) };
    if (added) {
      const route: Route = {
        destination: { address: destination.address, prefixLength: destination.prefixLength },
        type: 'unicast',
        via: null,
        iface,
        source: address.address,
        metric: 0,
      };
      this.routes.add(route, true);
    } else {
      this.routes.remove(
        (route) => route.iface === iface && route.via === null && route.source === address.address,
      );
    }
  }

  #makeLoopback(): Interface {
    const lo = this.addInterface({ name: 'lo', mac: ZERO_MAC, mtu: LOOPBACK_MTU, noArp: true });
    lo.port.cable = new Channel(`${this.name}/lo`, lo.port, this);
    lo.port.carrier = true;
    return lo;
  }
}
