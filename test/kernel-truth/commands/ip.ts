// ip addr | link | neigh | route | ntable, as far as the scripts use them.

import { millis } from '../../../src/sim/time.ts';
import type { Interface } from '../../../src/stack/device/interface.ts';
import type { Route, RouteType } from '../../../src/stack/ipv4/route-table.ts';
import { TableId, tableRule } from '../../../src/stack/ipv4/rule.ts';
import { NeighborState } from '../../../src/stack/neighbor/state.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { fdbLines } from '../../../src/view/fdb.ts';
import { neighborLines } from '../../../src/view/neighbors.ts';
import { routeExceptionLine, routeExceptionRows, routeLines } from '../../../src/view/routes.ts';
import {
  ANY_ADDRESS,
  formatCidr,
  type Ipv4Cidr,
  networkOf,
  parseCidr,
} from '../../../src/wire/ipv4-address.ts';
import { Arguments } from '../arguments.ts';
import { address, mac } from '../world.ts';
import { type Command, type Shell, stackOf } from './command.ts';

type Subcommand = (shell: Shell, verb: string, words: readonly string[]) => void;

export const ip: Command = (shell, words) => {
  const [object = '', verb = '', ...rest] = words.filter((word) => word !== '-o');
  const subcommand = OBJECTS[object];
  if (subcommand === undefined) throw new Error(`ip ${words.join(' ')} is not known`);
  subcommand(shell, verb, rest);
  if (!shell.process.done) shell.process.exit();
};

/** NUD states that may be given; the rest of NeighborState means nothing there. */
const STATES: Readonly<Record<string, NeighborState>> = {
  permanent: NeighborState.Permanent,
  reachable: NeighborState.Reachable,
  stale: NeighborState.Stale,
  noarp: NeighborState.NoArp,
  delay: NeighborState.Delay,
  probe: NeighborState.Probe,
};
const ROUTE_TYPES: readonly RouteType[] = ['unicast', 'unreachable', 'prohibit', 'blackhole'];

const addr: Subcommand = (shell, verb, words) => {
  const { addresses } = stackOf(shell);
  const iface = device(shell, words);
  if (verb === 'add') {
    shell.process.exit(addresses.add(iface, cidr(words[0] ?? '')) ? 0 : 2);
  } else if (verb === 'del') {
    shell.process.exit(addresses.remove(iface, cidr(words[0] ?? '').address) ? 0 : 2);
  } else if (verb === 'flush') {
    for (const held of [...iface.addresses].reverse()) addresses.remove(iface, held.address);
  } else if (verb === 'show') {
    for (const held of iface.addresses) {
      shell.process.print(`${formatCidr(held)}${held.secondary ? ' secondary' : ''}`);
    }
  } else fail('addr', verb);
};

const link: Subcommand = (shell, verb, words) => {
  if (verb !== 'set') fail('link', verb);
  const [name = '', ...rest] = words;
  if (shell.host === 'sw') {
    if (rest.includes('type')) bridge(shell, name, rest);
    else setPort(shell, name, rest[0] === 'up');
    return;
  }
  const stack = stackOf(shell);
  const iface = shell.world.nic(shell.host, name);
  for (let i = 0; i < rest.length; i++) {
    if (rest[i] === 'up' || rest[i] === 'down') stack.setInterfaceUp(iface, rest[i] === 'up');
    else if (rest[i] === 'address') stack.setInterfaceMac(iface, mac(rest[++i] ?? ''));
    else if (rest[i] === 'mtu') stack.setInterfaceMtu(iface, Number(rest[++i]));
    else fail('link set', rest[i] ?? '');
  }
};

/** ip link set pA | pA.eth1 up | down: the far end of the cable of a host's interface. */
function setPort({ world }: Shell, name: string, up: boolean): void {
  const [machine = '', device = 'eth0'] = name.slice(1).split('.');
  world.lab.setLink({ kind: 'interface', machine, interface: device }, up);
}

/** ip link set br0 type bridge ageing_time CENTISECONDS | fdb_flush */
function bridge({ world }: Shell, segment: string, words: readonly string[]): void {
  const { table, ports } = world.bridge(segment);
  const ageing = Arguments.after(words, 'ageing_time');
  if (ageing !== null) table.setAgeing(millis(10 * Number(ageing)));
  if (words.includes('fdb_flush')) for (const port of ports) table.flush(port);
}

const neigh: Subcommand = (shell, verb, words) => {
  const stack = stackOf(shell);
  const { neighbors, arp } = stack;
  const iface = device(shell, words);
  if (verb === 'flush') {
    flushNeighbors(stack, iface, words);
  } else if (verb === 'show') {
    for (const line of neighborLines(stack)) shell.process.print(line);
  } else if (verb === 'add' && words[0] === 'proxy') {
    arp.proxy.publish(iface, address(words[1] ?? ''));
  } else if (verb === 'add' || verb === 'replace') {
    const state = STATES[Arguments.after(words, 'nud') ?? 'permanent'];
    const lladdr = mac(Arguments.after(words, 'lladdr') ?? '');
    neighbors.replace(iface, address(words[0] ?? ''), lladdr, state);
  } else if (verb === 'del') {
    shell.process.exit(neighbors.delete(iface, address(words[0] ?? '')) ? 0 : 2);
  } else fail('neigh', verb);
};

/** Without `nud all` configured entries stay. */
function flushNeighbors(stack: NetworkStack, iface: Interface, words: readonly string[]): void {
  const only = Arguments.after(words, 'to');
  const everything = Arguments.after(words, 'nud') === 'all';
  for (const entry of stack.neighbors.entries(iface)) {
    const isConfigured =
      entry.state === NeighborState.Permanent || entry.state === NeighborState.NoArp;
    if (isConfigured && !everything) continue;
    if (only === null || entry.address === address(only)) {
      stack.neighbors.delete(iface, entry.address);
    }
  }
}

const route: Subcommand = (shell, verb, words) => {
  const { fib, scheduler } = stackOf(shell);
  const table = fib.table(Number(Arguments.after(words, 'table') ?? TableId.Main));
  if (verb === 'flush' && words[0] === 'table') {
    table.remove(() => true);
    return;
  }
  if (verb === 'flush') {
    fib.flush();
    return;
  }
  if (verb === 'show') {
    for (const line of routeLines(stackOf(shell))) shell.process.print(line);
    return;
  }
  if (verb === 'get') {
    const { now } = scheduler;
    const taught = routeExceptionRows(stackOf(shell), now);
    const exception = taught.find(({ destination }) => destination === words[0]);
    if (exception === undefined) return;
    if (exception.gateway !== null) shell.process.print(`via ${exception.gateway}`);
    shell.process.print(routeExceptionLine(exception, now));
    return;
  }
  const wanted = readRoute(shell, words);
  const matches = (other: Route): boolean =>
    networkOf(other.destination) === networkOf(wanted.destination) &&
    other.destination.prefixLength === wanted.destination.prefixLength &&
    other.metric === wanted.metric;
  if (verb === 'add') shell.process.exit(table.add(wanted) ? 0 : 2);
  else if (verb === 'del') {
    const via = (other: Route): boolean => wanted.via === null || other.via === wanted.via;
    shell.process.exit(table.remove((other) => matches(other) && via(other)) > 0 ? 0 : 2);
  } else if (verb === 'replace') {
    table.remove(matches);
    table.add(wanted);
  } else fail('route', verb);
};

function readRoute(shell: Shell, words: readonly string[]): Route {
  const type = ROUTE_TYPES.find((candidate) => candidate === words[0]) ?? 'unicast';
  const to = words[0] === type ? words[1] : words[0];
  const via = Arguments.after(words, 'via');
  const dev = Arguments.after(words, 'dev');
  const src = Arguments.after(words, 'src');
  const gateway = via === null ? null : address(via);
  const stack = stackOf(shell);
  const onLink = gateway === null ? null : (stack.routes.lookup(gateway)?.iface ?? null);
  return {
    destination: to === 'default' ? { address: ANY_ADDRESS, prefixLength: 0 } : cidr(to ?? ''),
    type,
    via: gateway,
    iface: dev === null ? onLink : shell.world.nic(shell.host, dev),
    source: src === null ? null : address(src),
    metric: Number(Arguments.after(words, 'metric') ?? 0),
  };
}

/** ip ntable show dev IF: the one number the scripts read. */
const ntable: Subcommand = (shell, _verb, words) => {
  const time = stackOf(shell).neighbors.reachableTime(device(shell, words));
  shell.process.print(`reachable ${Math.round(time / 1e6)}`);
};

/** ip rule add [from ADDRESS] [fwmark MARK] table TABLE pref PRIORITY | del pref PRIORITY */
const rule: Subcommand = (shell, verb, words) => {
  const { fib } = stackOf(shell);
  const priority = Number(Arguments.after(words, 'pref'));
  const from = Arguments.after(words, 'from');
  const mark = Arguments.after(words, 'fwmark');
  if (verb === 'del') fib.removeRule((other) => other.priority === priority);
  else if (verb === 'add') {
    fib.addRule({
      ...tableRule(priority, Number(Arguments.after(words, 'table'))),
      from: from === null ? null : cidr(from),
      fwmark: mark === null ? null : { mark: Number(mark), mask: 0xffff_ffff },
    });
  } else fail('rule', verb);
};

const OBJECTS: Readonly<Record<string, Subcommand>> = { addr, link, neigh, route, rule, ntable };

/** bridge fdb show br NAME */
export const bridgeCommand: Command = (shell, words) => {
  const segment = shell.world.lab.segment(Arguments.after(words, 'br') ?? 'br0');
  for (const line of fdbLines(segment, shell.world.lab.now)) shell.process.print(line);
  shell.process.exit();
};

function device(shell: Shell, words: readonly string[]): Interface {
  return shell.world.nic(shell.host, Arguments.after(words, 'dev') ?? 'eth0');
}

function cidr(text: string): Ipv4Cidr {
  const parsed = parseCidr(text.includes('/') ? text : `${text}/32`);
  if (parsed === null) throw new Error(`not an address with prefix length: ${text}`);
  return parsed;
}

function fail(object: string, verb: string): never {
  throw new Error(`ip ${object} ${verb} is not known`);
}
