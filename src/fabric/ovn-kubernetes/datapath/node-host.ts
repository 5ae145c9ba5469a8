// A node's kernel and bridge as its agents see them: HostNetwork on the stack of the machine.

import type { SnatRule } from '../../../nat/snat/rule.ts';
import type { Nanos } from '../../../sim/time.ts';
import type { Interface } from '../../../stack/device/interface.ts';
import type { Route } from '../../../stack/ipv4/route-table.ts';
import { tableRule } from '../../../stack/ipv4/rule.ts';
import * as arp from '../../../wire/arp.ts';
import {
  ANY_ADDRESS,
  formatCidr,
  formatIpv4,
  type Ipv4Address,
  parseCidr,
  parseIpv4,
} from '../../../wire/ipv4-address.ts';
import { dial } from '../../dial.ts';
import type { DialOutcome } from '../../dialer.ts';
import {
  EGRESS_RULE_PRIORITY,
  EGRESS_TABLE_BASE,
  HEALTH_PORT,
  type HealthSession,
  type HostEgressState,
  type HostLink,
  type HostNetwork,
  type HostOutcome,
  type HostRoute,
  type HostRule,
  type HostSnat,
} from '../host-network.ts';
import { connectHealth, HealthServer } from './grpc-health.ts';
import type { OvnNode } from './node.ts';

const DEFAULT = 'default';
const V6 = 'the lab speaks no IPv6';

/** One node as its agents see it. */
export class NodeHost implements HostNetwork {
  readonly name: string;
  readonly bridge: string;
  readonly #node: OvnNode;
  readonly #snats = new Map<string, { readonly element: HostSnat; readonly rule: SnatRule }>();
  /** Egress addresses that an agent has put on: gone with a reboot. */
  readonly #added = new Map<string, readonly [Interface, Ipv4Address]>();
  readonly #listeners = new Set<() => void>();
  #server: HealthServer | null = null;

  constructor(node: OvnNode) {
    this.#node = node;
    this.name = node.name;
    this.bridge = node.bridge.name;
    const { stack } = node;
    const changed = (): void => {
      if (stack.powered) for (const listener of this.#listeners) listener();
    };
    stack.addresses.onChange(changed);
    stack.onInterface(changed);
    stack.onPower((on) => {
      if (on) this.setArpBlock([]);
      else this.#loseVolatileState();
    });
  }

  links(): readonly HostLink[] {
    const { management, stack, uplink } = this.#node;
    const hidden = new Set([stack.loopback, management, uplink]);
    return stack.interfaces.flatMap((iface, index): HostLink[] =>
      hidden.has(iface)
        ? []
        : [
            {
              name: iface.name,
              index: index + 1,
              up: iface.operational,
              vrfTable: null,
              addresses: iface.addresses.map(formatCidr),
              routes: stack.routes.routes.filter((route) => route.iface === iface).map(viewRoute),
            },
          ],
    );
  }

  hasAddress(link: string, cidr: string): boolean {
    const parsed = parseCidr(cidr);
    const held = this.#node.stack.interface(link)?.addresses ?? [];
    return held.some(
      ({ address, prefixLength }) =>
        address === parsed?.address && prefixLength === parsed.prefixLength,
    );
  }

  addAddress(link: string, cidr: string): HostOutcome {
    const iface = this.#node.stack.interface(link);
    const parsed = parseCidr(cidr);
    if (iface === null) return { kind: 'failed', error: 'Link not found' };
    if (parsed === null) return { kind: 'failed', error: V6 };
    const added = this.#node.stack.addresses.add(iface, parsed);
    this.#added.set(`${link} ${cidr}`, [iface, parsed.address]);
    return { kind: added ? 'done' : 'unchanged' };
  }

  removeAddress(link: string, cidr: string): HostOutcome {
    const iface = this.#node.stack.interface(link);
    const parsed = parseCidr(cidr);
    this.#added.delete(`${link} ${cidr}`);
    if (iface === null || parsed === null) return { kind: 'unchanged' };
    const removed = this.#node.stack.addresses.remove(iface, parsed.address);
    return { kind: removed ? 'done' : 'unchanged' };
  }

  announce(link: string, address: string, zero: boolean): boolean {
    const iface = this.#node.stack.interface(link);
    const parsed = parseIpv4(address);
    if (iface === null || parsed === null || !iface.operational) return false;
    const spoken = zero ? ANY_ADDRESS : parsed;
    for (const operation of [arp.Operation.Request, arp.Operation.Reply]) {
      const note = `link manager announces ${address}`;
      this.#node.stack.arp.send(iface, { operation, senderIp: spoken, targetIp: spoken, note });
    }
    return true;
  }

  addRule({ from, fwmark, priority, table }: HostRule): void {
    const source = from === null ? null : parseIpv4(from);
    if (from !== null && source === null) return;
    this.#node.stack.fib.addRule({
      ...tableRule(priority, table),
      from: source === null ? null : { address: source, prefixLength: 32 },
      fwmark: fwmark === null ? null : { mark: fwmark, mask: 0xffff_ffff },
    });
  }

  removeRule({ from, priority, table }: HostRule): void {
    const source = from === null ? null : parseIpv4(from);
    this.#node.stack.fib.removeRule(
      (rule) =>
        rule.priority === priority &&
        rule.table === table &&
        (rule.from?.address ?? null) === source,
    );
  }

  setRoutes(table: number, link: string, routes: readonly HostRoute[]): void {
    const iface = this.#node.stack.interface(link);
    const target = this.#node.stack.fib.table(table);
    target.remove(() => true);
    if (iface === null) return;
    for (const { destination, gateway } of routes) {
      const network =
        destination === DEFAULT
          ? { address: ANY_ADDRESS, prefixLength: 0 }
          : parseCidr(destination);
      if (network === null) continue;
      const via = gateway === null ? null : parseIpv4(gateway);
      target.add({ destination: network, type: 'unicast', via, iface, source: null, metric: 0 });
    }
  }

  egressState(): HostEgressState {
    const { stack } = this.#node;
    const rules = stack.fib.rules
      .filter(({ priority }) => priority === EGRESS_RULE_PRIORITY)
      .map(({ from, fwmark, priority, table }) => ({
        priority,
        from: from === null ? null : formatIpv4(from.address),
        fwmark: fwmark?.mark ?? null,
        table,
      }));
    const tables = this.links()
      .map(({ index, name }) => ({ table: EGRESS_TABLE_BASE + index, link: name }))
      .filter(({ table }) =>
        stack.fib.tables().some(([id, held]) => id === table && held.routes.length > 0),
      );
    return { rules, snats: [...this.#snats.values()].map(({ element }) => element), tables };
  }

  addSnat(element: HostSnat): void {
    const source = parseIpv4(element.podIp);
    const address = parseIpv4(element.egressIp);
    const key = keyOf(element);
    if (source === null || address === null || this.#snats.has(key)) return;
    const rule = this.#node.netfilter.snat.prepend({
      match: { source: { address: source, prefixLength: 32 }, outInterface: element.link },
      target: { kind: 'snat', addresses: [{ low: address, high: address }] },
      comment: `egress IP ${element.egressIp} on ${element.link}`,
    });
    this.#snats.set(key, { element, rule });
  }

  removeSnat(element: HostSnat): void {
    const held = this.#snats.get(keyOf(element));
    if (held === undefined) return;
    this.#snats.delete(keyOf(element));
    this.#node.netfilter.snat.rules.remove(held.rule);
  }

  setAnnouncementGuard(on: boolean): void {
    this.#node.brEx.guarded = on;
  }

  setArpBlock(addresses: readonly string[]): void {
    this.#node.brEx.blockArp(addresses.flatMap((text) => parseIpv4(text) ?? []));
  }

  setHealthServer(running: boolean): void {
    this.#server?.stop();
    const { member, stack } = this.#node;
    this.#server = running ? new HealthServer(stack, member.management, HEALTH_PORT) : null;
  }

  connectHealth(
    address: string,
    port: number,
    timeout: Nanos,
    done: (session: HealthSession | null) => void,
  ): void {
    const parsed = parseIpv4(address);
    if (parsed === null) this.#node.stack.scheduler.post(done, null, null);
    else connectHealth(this.#node.stack, parsed, port, timeout, done);
  }

  dial(
    address: Ipv4Address,
    port: number,
    timeout: Nanos,
    done: (outcome: DialOutcome) => void,
  ): void {
    dial(this.#node.stack, address, port, timeout, done);
  }

  onLinksChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What a reboot does not bring back. */
  #loseVolatileState(): void {
    const { stack, netfilter } = this.#node;
    for (const [iface, address] of this.#added.values()) {
      stack.addresses.forget(iface, (held) => held.address === address);
    }
    this.#added.clear();
    for (const { rule } of this.#snats.values()) netfilter.snat.rules.remove(rule);
    this.#snats.clear();
    while (stack.fib.removeRule(({ priority }) => priority === EGRESS_RULE_PRIORITY));
    for (const { index } of this.links()) {
      stack.fib.table(EGRESS_TABLE_BASE + index).remove(() => true);
    }
    this.setHealthServer(false);
  }
}

function viewRoute({ destination, via }: Route): HostRoute {
  return {
    destination: destination.prefixLength === 0 ? DEFAULT : formatCidr(destination),
    gateway: via === null ? null : formatIpv4(via),
  };
}

function keyOf({ egressIp, link, podIp }: HostSnat): string {
  return `${podIp} ${link} ${egressIp}`;
}
