// Source NAT of one host (nf_nat_core.c, nf_nat_proto.c): the rules decide once per connection, by
// its first packet; every later packet is translated by the connection's two tuples.
//
//   Prerouting, Output -100  the destination of answers becomes the original source again
//   Input, Postrouting 100   the source of what leaves becomes the public one
//
// A connection that no rule wants is bound to what it has (null binding), for two connections must
// never have the same reply tuple: so the node's own traffic may be given another port, too.
// Left out: DNAT rules. INVALID packets are not touched: they leave as they came.

import type { DropReason } from '../../link/drop-reason.ts';
import type { Emitter } from '../../sim/event-log.ts';
import type { Interface } from '../../stack/device/interface.ts';
import { StackDrop } from '../../stack/drop-reason.ts';
import { HookPoint, HookPriority } from '../../stack/hooks.ts';
import { type Packet, Verdict } from '../../stack/packet.ts';
import type { NetworkStack } from '../../stack/stack.ts';
import * as icmp from '../../wire/icmp.ts';
import { ANY_ADDRESS, formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import {
  type Connection,
  ConnectionStatus,
  connectionOf,
  endpoint,
} from '../conntrack/connection.ts';
import { isIcmpError } from '../conntrack/connection-state.ts';
import type { Conntrack } from '../conntrack/conntrack.ts';
import { NatDrop } from '../drop-reason.ts';
import type { NatEvents } from '../events.ts';
import { RuleList } from '../filter/rule-list.ts';
import { protocolText } from '../protocol-name.ts';
import { QuoteTranslation } from '../quote.ts';
import { AddressPool } from './address-pool.ts';
import { concerns, hasMoved, Manipulation, translate } from './manipulation.ts';
import { PortAllocator, type SourceRange } from './port-allocator.ts';
import { SnatRule, type SnatRuleSpec, type SnatTarget } from './rule.ts';
import { SourceIndex } from './source-index.ts';

const NAT_DONE = ConnectionStatus.SourceNatDone | ConnectionStatus.DestinationNatDone;
const ANY_NAT = ConnectionStatus.SourceNat | ConnectionStatus.DestinationNat;

/** The POSTROUTING chain of one host, and what became of its decisions. */
export class Snat {
  /** The POSTROUTING chain. Make rules with `append` and `prepend`; remove them from here. */
  readonly rules: RuleList<SnatRule> = new RuleList<SnatRule>();
  readonly #stack: NetworkStack;
  readonly #conntrack: Conntrack;
  readonly #events: Emitter<NatEvents>;
  readonly #allocator: PortAllocator;

  constructor(stack: NetworkStack, conntrack: Conntrack, events: Emitter<NatEvents>) {
    this.#stack = stack;
    this.#conntrack = conntrack;
    this.#events = events;
    const index = new SourceIndex();
    this.#allocator = new PortAllocator(conntrack.table, index, stack.random.fork('snat'));
    conntrack.observe(
      (connection) => index.add(connection),
      (connection) => index.remove(connection),
    );
    const { hooks } = stack;
    const { DestinationNat, SourceNat } = HookPriority;
    hooks.register(HookPoint.Prerouting, DestinationNat, (packet) => this.#destination(packet));
    hooks.register(HookPoint.Output, DestinationNat, (packet) => this.#output(packet));
    hooks.register(HookPoint.Input, SourceNat, (packet) => this.#source(packet, false));
    hooks.register(HookPoint.Postrouting, SourceNat, (packet) => this.#source(packet, true));
    stack.addresses.onChange((iface, address, added) => {
      if (!added) this.#forgetMasqueraded(iface, address.address);
    });
    stack.onInterface((iface) => {
      if (!iface.up) this.#forgetMasqueraded(iface, null);
    });
  }

  /** `iptables -t nat -A POSTROUTING`. The rule returned is what `rules.remove` takes. */
  append(rule: SnatRuleSpec): SnatRule {
    return this.rules.append(new SnatRule(rule));
  }

  /** `iptables -t nat -I POSTROUTING`: before all others. */
  prepend(rule: SnatRuleSpec): SnatRule {
    return this.rules.prepend(new SnatRule(rule));
  }

  /** Before routing: nf_nat_inet_fn for the destination. */
  #destination(packet: Packet): Verdict {
    const connection = connectionOf(packet);
    if (connection === null) return Verdict.Accept;
    if (isIcmpError(packet))
      return this.#translateError(packet, connection, Manipulation.Destination);
    if (
      (connection.status & (ConnectionStatus.DestinationNatDone | ConnectionStatus.Confirmed)) ===
      0
    ) {
      this.#bindDestination(connection);
    }
    if ((connection.status & ANY_NAT) !== 0) {
      translate(packet, connection, Manipulation.Destination);
    }
    return Verdict.Accept;
  }

  /** Own packets are routed before; where that changes the destination, again (ip_route_me_harder). */
  #output(packet: Packet): Verdict {
    const { destination } = packet;
    const verdict = this.#destination(packet);
    if (packet.destination === destination || verdict !== Verdict.Accept) return verdict;
    const { addresses, fib, loopback } = this.#stack;
    if (addresses.isLocal(packet.destination)) {
      packet.egress = loopback;
      packet.nextHop = packet.destination;
      return Verdict.Accept;
    }
    const route = fib.lookup(packet.destination, packet.source, packet.mark);
    if (route === null || route.iface === null || route.type !== 'unicast') {
      return this.#drop(StackDrop.NoRoute, packet);
    }
    packet.egress = route.iface;
    packet.nextHop = route.nextHop;
    return Verdict.Accept;
  }

  /** After routing, or on the way to a socket: nf_nat_inet_fn for the source. */
  #source(packet: Packet, leaving: boolean): Verdict {
    const connection = connectionOf(packet);
    if (connection === null) return Verdict.Accept;
    if (isIcmpError(packet)) return this.#translateError(packet, connection, Manipulation.Source);
    if ((connection.status & (ConnectionStatus.SourceNatDone | ConnectionStatus.Confirmed)) === 0) {
      if (!this.#bind(packet, connection, leaving)) return Verdict.Drop;
    } else if (leaving && hasMoved(packet, connection)) {
      this.#conntrack.table.remove(connection);
      return this.#drop(NatDrop.MasqueradeMoved, packet);
    }
    if ((connection.status & ANY_NAT) !== 0) translate(packet, connection, Manipulation.Source);
    return Verdict.Accept;
  }

  /** Without DNAT rules only a clashing ICMP identifier can change. */
  #bindDestination(connection: Connection): void {
    const { source, sourcePort } = connection.original;
    this.#allocator.bindDestination(connection, this.#stack.scheduler.now);
    connection.status |= ConnectionStatus.DestinationNatDone;
    if (connection.mappedSourcePort === sourcePort) return;
    connection.status |= ConnectionStatus.DestinationNat;
    this.#report(connection, source, sourcePort);
  }

  /** Decides what the source of a new connection becomes. False: the packet is dropped. */
  #bind(packet: Packet, connection: Connection, leaving: boolean): boolean {
    const { mappedSource, mappedSourcePort } = connection;
    const rule = leaving ? this.#match(packet) : null;
    connection.rule = rule;
    const range = rule === null ? bound(mappedSource) : this.#range(packet, connection, rule);
    if (range === null) {
      this.#drop(NatDrop.MasqueradeNoAddress, packet);
      return false;
    }
    this.#allocator.assignSource(connection, range, this.#stack.scheduler.now);
    connection.status |= ConnectionStatus.SourceNatDone;
    const moved = connection.mappedSourcePort !== mappedSourcePort;
    if (moved || connection.mappedSource !== mappedSource)
      connection.status |= ConnectionStatus.SourceNat;
    if (moved) this.#report(connection, mappedSource, mappedSourcePort);
    return true;
  }

  /** The rule for the first packet of a connection; null: none, or one that says so. */
  #match(packet: Packet): SnatRule | null {
    for (const rule of this.rules.entries) {
      if (!rule.matches(packet)) continue;
      rule.connections++;
      return rule.target.kind === 'return' ? null : rule;
    }
    return null;
  }

  /** Null: MASQUERADE finds no address ("ate my IP address"). */
  #range(packet: Packet, connection: Connection, rule: SnatRule): SourceRange | null {
    const { target, pool } = rule;
    if (target.kind === 'return') return bound(connection.mappedSource);
    if (pool !== null) return rangeOf(pool, target);
    const { egress } = packet;
    // A packet without an address yet (DHCP) is none to masquerade.
    if (egress === null || packet.source === ANY_ADDRESS) return bound(connection.mappedSource);
    const address = this.#stack.addresses.select(egress, packet.nextHop);
    if (address === ANY_ADDRESS) return null;
    connection.masqueradeInterface = egress;
    return rangeOf(AddressPool.of(address), target);
  }

  /** nf_nat_icmp_reply_translation: the quote first, then the header around it. */
  #translateError(packet: Packet, connection: Connection, what: Manipulation): Verdict {
    const { status } = connection;
    if (what === Manipulation.Destination && this.#isDamaged(packet)) {
      return this.#drop(StackDrop.BadIcmpChecksum, packet);
    }
    if (icmp.type(packet.frame, packet.l4) === icmp.Type.Redirect) {
      // Whom it would send elsewhere is not who it thinks.
      if ((status & NAT_DONE) !== NAT_DONE || (status & ANY_NAT) !== 0) {
        return this.#drop(NatDrop.NatRedirect, packet);
      }
    }
    if (!concerns(packet, connection, what)) return Verdict.Accept;
    if (!QuoteTranslation.isPossible(packet)) return this.#drop(NatDrop.NatShortQuote, packet);
    const quoted = packet.isReply ? connection.original : connection.reply;
    const isQuery = connection.protocol === IpProtocol.Icmp;
    const translation =
      packet.rewriter instanceof QuoteTranslation ? packet.rewriter : new QuoteTranslation();
    if (what === Manipulation.Source) {
      translation.destination = quoted.destination;
      translation.destinationPort = isQuery ? quoted.sourcePort : quoted.destinationPort;
      packet.source = quoted.destination;
    } else {
      translation.source = quoted.source;
      translation.sourcePort = quoted.sourcePort;
      packet.destination = quoted.source;
    }
    packet.rewriter = translation;
    return Verdict.Accept;
  }

  /** A new checksum would hide that the old one was wrong; conntrack has looked, unless told not to. */
  #isDamaged({ ingress, frame, l4, end }: Packet): boolean {
    if (this.#stack.sysctl.host.nf_conntrack_checksum > 0) return false;
    if (ingress === null || frame.offload !== null) return false;
    return !icmp.hasValidChecksum(frame, l4, end - l4);
  }

  /** The interface went down or lost the address (null: any): MASQUERADE's connections go with it. */
  #forgetMasqueraded(iface: Interface, address: Ipv4Address | null): void {
    this.#conntrack.delete(
      (connection) =>
        connection.masqueradeInterface === iface &&
        (address === null || connection.mappedSource === address),
    );
  }

  #report(connection: Connection, source: Ipv4Address, port: number): void {
    const { protocol, original, mappedSource, mappedSourcePort } = connection;
    this.#events.emit(this.#stack.name, 'snat-port-changed', {
      protocol: protocolText(protocol),
      original: endpoint(protocol, source, port),
      mapped: endpoint(protocol, mappedSource, mappedSourcePort),
      destination: formatIpv4(original.destination),
    });
  }

  #drop(reason: DropReason, packet: Packet): Verdict {
    const where = packet.egress?.name ?? packet.ingress?.name ?? 'snat';
    this.#stack.drops.count(reason, where, packet.frame);
    return Verdict.Drop;
  }
}

/** A null binding: the address stays, and the port if it can. */
function bound(address: Ipv4Address): SourceRange {
  return { addresses: AddressPool.of(address), ports: null, random: false, persistent: false };
}

function rangeOf(
  addresses: AddressPool,
  target: Exclude<SnatTarget, { readonly kind: 'return' }>,
): SourceRange {
  return {
    addresses,
    ports: target.ports ?? null,
    random: target.random ?? false,
    persistent: target.kind === 'snat' && (target.persistent ?? false),
  };
}
