// Looks at a lab while it runs and keeps what the event log does not have: the ARP frames about contested
// addresses that each machine hears, and the packets about them that are dropped. Bounded.

import { observeDrops } from '../../capture/observation.ts';
import type { Lab } from '../../lab/lab.ts';
import { isLocked, locktimeOf } from '../../stack/arp/acceptance.ts';
import type { Interface } from '../../stack/device/interface.ts';
import { NeighborState } from '../../stack/neighbor/state.ts';
import type { NetworkStack } from '../../stack/stack.ts';
import * as arp from '../../wire/arp.ts';
import * as ethernet from '../../wire/ethernet.ts';
import type { Frame } from '../../wire/frame.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import { formatIpv4, type Ipv4Address, parseIpv4 } from '../../wire/ipv4-address.ts';
import { formatMac } from '../../wire/mac-address.ts';
import { EtherType, IpProtocol, WellKnownPort } from '../../wire/numbers.ts';
import * as udp from '../../wire/udp.ts';
import * as vxlan from '../../wire/vxlan.ts';
import { type ContestedAddresses, newsIn } from '../contested.ts';
import type { ArpSighting, DroppedPacket } from './facts.ts';
import type { Reserve } from './model.ts';

/** Of each kind; what comes later is not explained by them. */
const LIMIT = 50_000;

/** Listens to a running lab, up to a bound of frames. */
export class Witness {
  readonly heard: ArpSighting[] = [];
  readonly drops: DroppedPacket[] = [];
  /** There was no room for more. */
  dropsOmitted = false;
  readonly #lab: Lab;
  /** Contested addresses, as numbers. */
  readonly #watched = new Set<Ipv4Address>();
  /** The ends of flows. */
  readonly #ends = new Set<Ipv4Address>();

  /** Looks from now on. */
  constructor(lab: Lab, contested: ContestedAddresses, ends: readonly Ipv4Address[]) {
    this.#lab = lab;
    for (const text of contested.list()) this.#watch(text);
    for (const end of ends) this.#ends.add(end);
    lab.events.subscribe((event) => {
      const text = newsIn(event);
      if (text !== null && contested.has(text)) this.#watch(text);
    });
    for (const stack of lab.stacks()) {
      stack.arp.listen((iface, packet) => this.#hear(stack, iface, packet));
    }
    for (const drops of lab.drops()) {
      observeDrops(drops, (device, _where, frame, reason) => this.#dropped(device, frame, reason));
    }
  }

  #watch(text: string): void {
    const address = parseIpv4(text);
    if (address !== null) this.#watched.add(address);
  }

  #hear(stack: NetworkStack, iface: Interface, packet: arp.Arp): void {
    const { operation, senderIp, senderMac, targetIp } = packet;
    if (!this.#watched.has(senderIp) || this.heard.length >= LIMIT) return;
    const entry = stack.neighbors.lookup(iface, senderIp);
    const at = this.#lab.now;
    this.heard.push({
      at,
      listener: stack.name,
      address: formatIpv4(senderIp),
      mac: formatMac(senderMac),
      form: operation === arp.Operation.Reply ? 'reply' : 'request',
      announces: senderIp === targetIp,
      known: entry?.valid === true ? formatMac(entry.mac) : null,
      reserve: reserveOf(stack, iface, senderIp, senderIp === targetIp),
    });
  }

  #dropped(device: string, frame: Frame | null, reason: string): void {
    if (frame === null || frame.length < ethernet.HEADER_LENGTH) return;
    if (this.drops.length >= LIMIT) {
      this.dropsOmitted = true;
      return;
    }
    const type = ethernet.etherType(frame);
    if (type === EtherType.Arp) this.#droppedArp(device, frame, reason);
    // What waits for ARP has no Ethernet header yet.
    else if (type === EtherType.Ipv4 || type === 0) this.#droppedIpv4(device, frame, reason);
  }

  #droppedArp(device: string, frame: Frame, reason: string): void {
    const packet = arp.parse(frame, frame.start + ethernet.HEADER_LENGTH);
    if (packet === null) return;
    const source = formatIpv4(packet.senderIp);
    const destination = formatIpv4(packet.targetIp);
    const at = this.#lab.now;
    this.drops.push({ at, device, reason, source, destination, protocol: 'arp', ports: [] });
  }

  #droppedIpv4(device: string, frame: Frame, reason: string): void {
    let l3 = frame.start + ethernet.HEADER_LENGTH;
    if (frame.end - l3 < ipv4.HEADER_LENGTH || ipv4.version(frame, l3) !== 4) return;
    const inner = insideTunnel(frame, l3);
    if (inner !== null) l3 = inner;
    const source = ipv4.source(frame, l3);
    const destination = ipv4.destination(frame, l3);
    if (!this.#concerns(source) && !this.#concerns(destination)) return;
    this.drops.push({
      at: this.#lab.now,
      device,
      reason,
      source: formatIpv4(source),
      destination: formatIpv4(destination),
      ...transportOf(frame, l3),
    });
  }

  #concerns(address: Ipv4Address): boolean {
    return this.#watched.has(address) || this.#ends.has(address);
  }
}

/** As arp/acceptance.ts and neighbor/entry.ts judge what is said of a neighbor that is known. */
function reserveOf(
  { arp: { profile }, neighbors, scheduler }: NetworkStack,
  iface: Interface,
  address: Ipv4Address,
  announces: boolean,
): Reserve | null {
  const entry = neighbors.lookup(iface, address);
  if (entry === null) return null;
  if (entry.state === NeighborState.Permanent || entry.state === NeighborState.NoArp) {
    return { why: 'permanent', left: null, rule: null };
  }
  if (announces && profile.gratuitous === 'ignored') {
    return { why: 'policy', left: null, rule: `profile ${profile.name}` };
  }
  if (announces && iface.conf.drop_gratuitous_arp > 0) {
    const rule = `drop_gratuitous_arp is ${iface.conf.drop_gratuitous_arp}`;
    return { why: 'policy', left: null, rule };
  }
  const age = scheduler.now - entry.updated;
  const locktime = locktimeOf(iface);
  return isLocked(age, locktime) ? { why: 'locktime', left: locktime - age, rule: null } : null;
}

/** The protocol, and the ports where they are known. */
function transportOf(frame: Frame, l3: number): Pick<DroppedPacket, 'protocol' | 'ports'> {
  const protocol = PROTOCOLS.get(ipv4.protocol(frame, l3)) ?? 'other';
  const l4 = l3 + ipv4.headerLength(frame, l3);
  const hasPorts = protocol === 'tcp' || protocol === 'udp';
  if (!hasPorts || ipv4.fragmentOffset(frame, l3) > 0 || l4 + 4 > frame.end) {
    return { protocol, ports: [] };
  }
  return { protocol, ports: [frame.view.getUint16(l4), frame.view.getUint16(l4 + 2)] };
}

const PROTOCOLS: ReadonlyMap<number, 'icmp' | 'tcp' | 'udp'> = new Map([
  [IpProtocol.Icmp, 'icmp'],
  [IpProtocol.Tcp, 'tcp'],
  [IpProtocol.Udp, 'udp'],
]);

/** Where the inner IPv4 header of a VXLAN packet is; null for others. */
function insideTunnel(frame: Frame, l3: number): number | null {
  const l4 = l3 + ipv4.headerLength(frame, l3);
  const isTunnel =
    ipv4.protocol(frame, l3) === IpProtocol.Udp &&
    l4 + udp.HEADER_LENGTH <= frame.end &&
    udp.destinationPort(frame, l4) === WellKnownPort.Vxlan;
  if (!isTunnel) return null;
  const type = l4 + udp.HEADER_LENGTH + vxlan.HEADER_LENGTH + ethernet.HEADER_LENGTH - 2;
  const inner = type + 2;
  const holds = inner + ipv4.HEADER_LENGTH <= frame.end;
  return holds && frame.view.getUint16(type) === EtherType.Ipv4 ? inner : null;
}
