// The server's side of every flow: which source address each request came from, read off its tag as
// the packet is handed to the server's sockets. What a firewall refuses there was not seen.

import { HookPoint, HookPriority } from '../../stack/hooks.ts';
import { type Packet, Verdict } from '../../stack/packet.ts';
import type { NetworkStack } from '../../stack/stack.ts';
import type { FlowSpec } from '../../topology/model.ts';
import * as icmp from '../../wire/icmp.ts';
import { formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import * as tcp from '../../wire/tcp.ts';
import * as udp from '../../wire/udp.ts';
import { readTag } from './tag.ts';

interface Seen {
  /** The highest request seen from an address: retransmissions don't count again. */
  readonly counts: Map<Ipv4Address, number>;
  readonly requests: Map<number, Ipv4Address>;
  latest: Ipv4Address | null;
}

export class FlowSources {
  readonly #seen = new Map<number, Seen>();
  readonly #ports: readonly (number | null)[];

  /** The flows of a scenario in their order. */
  constructor(flows: readonly FlowSpec[]) {
    this.#ports = flows.map((flow) => flow.port);
  }

  /** Watches what is handed to the sockets of a host. */
  watch(stack: NetworkStack): void {
    stack.hooks.register(HookPoint.Input, HookPriority.Filter + 1, (packet) => {
      this.#observe(packet);
      return Verdict.Accept;
    });
  }

  /** The source of the latest request that a server saw. */
  latest(flow: number): Ipv4Address | null {
    return this.#seen.get(flow)?.latest ?? null;
  }

  /** The source each request was seen from, by request number. */
  requests(flow: number): ReadonlyMap<number, Ipv4Address> {
    return this.#seen.get(flow)?.requests ?? new Map();
  }

  /** Addresses with their numbers of requests, most frequent first, ties by first sight. */
  of(flow: number): { readonly address: string; readonly count: number }[] {
    const counts = [...(this.#seen.get(flow)?.counts ?? [])];
    return counts
      .sort(([, a], [, b]) => b - a)
      .map(([address, count]) => ({ address: formatIpv4(address), count }));
  }

  format(address: Ipv4Address): string {
    return formatIpv4(address);
  }

  #observe(packet: Packet): void {
    const payload = payloadOf(packet);
    if (payload === null) return;
    const tag = readTag(packet.frame, payload, packet.end);
    // An echoed answer carries the tag too, but not to the flow's port.
    const port = tag === null ? undefined : this.#ports[tag.flow];
    if (tag === null || port === undefined) return;
    if (port !== null && packet.destinationPort !== port) return;
    let seen = this.#seen.get(tag.flow);
    if (seen === undefined) {
      seen = { counts: new Map(), requests: new Map(), latest: null };
      this.#seen.set(tag.flow, seen);
    }
    if (seen.requests.get(tag.request) === packet.source) return;
    seen.requests.set(tag.request, packet.source);
    seen.counts.set(packet.source, (seen.counts.get(packet.source) ?? 0) + 1);
    seen.latest = packet.source;
  }
}

/** Where the payload begins; null for what is no request. */
function payloadOf(packet: Packet): number | null {
  const { frame, l4, end, protocol } = packet;
  if (packet.fragmentOffset > 0 || end - l4 < icmp.HEADER_LENGTH) return null;
  if (protocol === IpProtocol.Udp) return l4 + udp.HEADER_LENGTH;
  if (protocol === IpProtocol.Tcp) {
    return end - l4 < tcp.HEADER_LENGTH ? null : l4 + tcp.dataOffset(frame, l4);
  }
  if (protocol === IpProtocol.Icmp && icmp.type(frame, l4) === icmp.Type.Echo) {
    return l4 + icmp.HEADER_LENGTH;
  }
  return null;
}
