// What hosts, nodes and pods have in common: a Linux network stack that can be looked at and used.

import type { NetworkStack } from '../stack/stack.ts';
import { type AddressRow, addressRows } from '../view/addresses.ts';
import { type NeighborRow, neighborRows } from '../view/neighbors.ts';
import { type RouteRow, routeRows } from '../view/routes.ts';
import { type RuleRow, ruleRows } from '../view/rules.ts';
import { type SocketRow, socketRows } from '../view/sockets.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';
import { type Inside, plainAddress } from './inside.ts';
import { type PingOptions, type PingResult, ping } from './ping.ts';
import { type ConnectOptions, TcpConnection } from './tcp-connection.ts';

/** A host, node or pod. You get one from a {@link Lab}. */
export abstract class Machine {
  /** Its name in the topology. */
  readonly name: string;
  /** @internal */
  protected readonly inside: Inside;
  /** @internal */
  readonly stack: NetworkStack;

  /** A lab makes its machines. */
  protected constructor(...made: never[]);
  /** @internal */
  protected constructor(inside: Inside, stack: NetworkStack);
  protected constructor(inside: Inside, stack: NetworkStack) {
    this.inside = inside;
    this.stack = stack;
    this.name = stack.name;
  }

  /** What it is. */
  abstract readonly kind: 'host' | 'node' | 'pod';

  /** False after a power failure. */
  get isUp(): boolean {
    return this.stack.powered;
  }

  /** Its first address, without loopback; null when it has none. */
  get address(): string | null {
    const rows = this.addresses().filter((row) => row.interface !== this.stack.loopback.name);
    return rows[0]?.address ?? null;
  }

  /** Its MAC address on an interface, the first one when none is named. @throws {@link EgressLabError} EGL_UNKNOWN_INTERFACE */
  mac(interfaceName?: string): string {
    return this.inside.macOf(this.stack, interfaceName);
  }

  /** @internal */
  macNamed(owner: string): string {
    return this.inside.macNamed(this.name, owner);
  }

  /** `ip addr`: its addresses, in the order of the interfaces, loopback first. */
  addresses(): readonly AddressRow[] {
    return addressRows(this.stack);
  }

  /** `ip route show table all`: its routes, table by table, main first. */
  routes(): readonly RouteRow[] {
    return routeRows(this.stack);
  }

  /** `ip rule`: the rules of its policy routing, in the order in which they are asked. */
  rules(): readonly RuleRow[] {
    return ruleRows(this.stack);
  }

  /** `ip neigh`: what it believes about its neighbors. */
  neighbors(): readonly NeighborRow[] {
    return neighborRows(this.stack);
  }

  /**
   * What it believes about one address; null when it believes nothing.
   * @throws {@link EgressLabError} EGL_ARGUMENT for what is no IPv4 address
   */
  neighbor(address: string): NeighborRow | null {
    const wanted = plainAddress(address);
    return this.neighbors().find((row) => row.address === wanted) ?? null;
  }

  /** `ss -an`: its TCP listeners, TCP connections and UDP sockets. */
  sockets(): readonly SocketRow[] {
    return socketRows(this.stack);
  }

  /**
   * Whether it has power and the address is its own.
   * @throws {@link EgressLabError} EGL_ARGUMENT for what is no IPv4 address
   */
  holds(address: string): boolean {
    return this.isUp && this.stack.addresses.isLocal(this.inside.address(plainAddress(address)));
  }

  /**
   * Sends ICMP echo requests to an address or to a machine by name, and lets time pass until the last one is
   * answered or has timed out.
   * @throws {@link EgressLabError} EGL_UNKNOWN_MACHINE, EGL_COMMAND for options that make no sense
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
   * const { answered, replies } = lab.host('a').ping('b');
   * console.log(answered); // 1
   * console.log(replies[0]?.from); // 10.0.0.2
   * ```
   */
  ping(to: string, options: PingOptions = {}): PingResult {
    return ping(this.inside, this.name, to, options);
  }

  /**
   * Opens a TCP connection and lets time pass until it stands, has failed, or the timeout is over; look at its
   * `state` and `error`.
   * @throws {@link EgressLabError} EGL_UNKNOWN_MACHINE, EGL_ARGUMENT for a bad port
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
   *   b:
   *     interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } }
   *     services: [{ tcp: 7, app: echo }]
   * `);
   * const connection = lab.host('a').connect('b', 7);
   * console.log(connection.state); // ESTAB
   * console.log(connection.ask('hello\n')); // hello
   * console.log(lab.host('a').connect('b', 8).error); // ECONNREFUSED
   * ```
   */
  connect(to: string, port: number, options: ConnectOptions = {}): TcpConnection {
    return TcpConnection.open(this.inside, this.stack, to, port, options);
  }

  /** Its name and addresses, for messages. */
  toString(): string {
    const own = this.stack.interfaces.filter((iface) => iface !== this.stack.loopback);
    const addresses = own.flatMap((iface) => iface.addresses.map(({ address }) => address));
    return `${this.kind} ${this.name} (${addresses.map(formatIpv4).join(', ')})`;
  }
}
