// One rule of the nat table's POSTROUTING chain: which new connections, and what becomes of them.

import type { Packet } from '../../stack/packet.ts';
import { cidrContains, formatCidr, formatIpv4, type Ipv4Cidr } from '../../wire/ipv4-address.ts';
import type { AddressRange, PortRange } from '../../wire/ranges.ts';
import { protocolText } from '../protocol-name.ts';
import { AddressPool } from './address-pool.ts';

/** All that is given must hold. */
export interface SnatMatch {
  readonly source?: Ipv4Cidr;
  readonly destination?: Ipv4Cidr;
  /** `! -d` */
  readonly notDestination?: Ipv4Cidr;
  /** An IANA number. */
  readonly protocol?: number;
  /** `-o` */
  readonly outInterface?: string;
  /** `-m mark --mark`: exact, in the bits of `markMask`, which is all of them if not given. */
  readonly mark?: number;
  readonly markMask?: number;
}

/** What a rule makes of a connection (`-j`). */
export type SnatTarget =
  | {
      readonly kind: 'snat';
      /** Not empty. */
      readonly addresses: readonly AddressRange[];
      readonly ports?: PortRange;
      /** `--random` and `--random-fully` are the same to Linux today. */
      readonly random?: boolean;
      readonly persistent?: boolean;
    }
  | {
      /** The primary address of the interface by which the packet leaves. */
      readonly kind: 'masquerade';
      readonly ports?: PortRange;
      readonly random?: boolean;
    }
  /** RETURN and ACCEPT: no later rule is tried, nothing is translated. */
  | { readonly kind: 'return' };

/** A rule as it is written. */
export interface SnatRuleSpec {
  readonly match: SnatMatch;
  readonly target: SnatTarget;
  /** `-m comment --comment`: what the rule is for, such as a namespace. */
  readonly comment?: string;
}

/** A rule in force. */
export class SnatRule {
  readonly match: SnatMatch;
  readonly target: SnatTarget;
  readonly comment: string | null;
  /** The addresses of a 'snat' target; null for the others. */
  readonly pool: AddressPool | null;
  /** How many connections it has decided. */
  connections = 0;

  constructor(spec: SnatRuleSpec) {
    this.match = spec.match;
    this.target = spec.target;
    this.comment = spec.comment ?? null;
    this.pool = spec.target.kind === 'snat' ? new AddressPool(spec.target.addresses) : null;
  }

  /** For a packet that is about to leave. */
  matches(packet: Packet): boolean {
    const { source, destination, notDestination, protocol, outInterface, mark, markMask } =
      this.match;
    if (source !== undefined && !cidrContains(source, packet.source)) return false;
    if (destination !== undefined && !cidrContains(destination, packet.destination)) return false;
    if (notDestination !== undefined && cidrContains(notDestination, packet.destination)) {
      return false;
    }
    if (protocol !== undefined && packet.protocol !== protocol) return false;
    if (outInterface !== undefined && packet.egress?.name !== outInterface) return false;
    if (mark === undefined) return true;
    return ((packet.mark ^ mark) & (markMask ?? 0xffff_ffff)) === 0;
  }

  /** For captures: what the rule is for and the mark it asks for; null if none was given. */
  get reason(): string | null {
    const what = this.target.kind === 'masquerade' ? 'MASQUERADE' : null;
    const why = this.comment ?? what;
    if (why === null) return null;
    const { mark } = this.match;
    const told = what !== null && why !== what ? `${what}: ${why}` : why;
    return mark === undefined ? told : `${told}, mark ${formatMark(mark)}`;
  }

  /** As `iptables -t nat -S` prints it, without the chain. */
  get text(): string {
    const { source, destination, notDestination, protocol, outInterface, mark, markMask } =
      this.match;
    const parts: string[] = [];
    if (source !== undefined) parts.push(`-s ${formatCidr(source)}`);
    if (destination !== undefined) parts.push(`-d ${formatCidr(destination)}`);
    if (notDestination !== undefined) parts.push(`! -d ${formatCidr(notDestination)}`);
    if (outInterface !== undefined) parts.push(`-o ${outInterface}`);
    if (protocol !== undefined) parts.push(`-p ${protocolText(protocol)}`);
    if (mark !== undefined) {
      const mask = markMask === undefined ? '' : `/0x${markMask.toString(16)}`;
      parts.push(`-m mark --mark 0x${mark.toString(16)}${mask}`);
    }
    if (this.comment !== null) parts.push(`-m comment --comment "${this.comment}"`);
    parts.push(targetText(this.target));
    return parts.join(' ');
  }
}

/** '0x00509592', as iptables and ovs-ofctl print it. */
export function formatMark(mark: number): string {
  return `0x${(mark >>> 0).toString(16).padStart(8, '0')}`;
}

function targetText(target: SnatTarget): string {
  if (target.kind === 'return') return '-j RETURN';
  const { ports } = target;
  const range = ports === undefined ? '' : `${ports.low}-${ports.high}`;
  const random = target.random === true ? ' --random-fully' : '';
  if (target.kind === 'masquerade') {
    return `-j MASQUERADE${range === '' ? '' : ` --to-ports ${range}`}${random}`;
  }
  const addresses = target.addresses
    .map(({ low, high }) => formatIpv4(low) + (low === high ? '' : `-${formatIpv4(high)}`))
    .join(',');
  const to = range === '' ? addresses : `${addresses}:${range}`;
  return `-j SNAT --to-source ${to}${random}${target.persistent === true ? ' --persistent' : ''}`;
}
