// The server's side of every flow: which source address each request came from and which machine it
// reached, read off its tag as the packet is handed to the server's sockets. What a firewall refuses there
// was not seen.

import type { Nanos } from '../../sim/time.ts';
import { HookPoint, HookPriority } from '../../stack/hooks.ts';
import { type Packet, Verdict } from '../../stack/packet.ts';
import type { NetworkStack } from '../../stack/stack.ts';
import type { FlowSpec } from '../../topology/model.ts';
import * as icmp from '../../wire/icmp.ts';
import { formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { formatMac, type MacAddress, ZERO_MAC } from '../../wire/mac-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import * as tcp from '../../wire/tcp.ts';
import * as udp from '../../wire/udp.ts';
import type { FlowAnswerer } from '../report.ts';
import { readTag, type Tag } from './tag.ts';

/** A request reached a server for the first time, or for the first time from another address. */
export interface Sighting {
  readonly at: Nanos;
  readonly request: number;
  readonly source: Ipv4Address;
}

/** Where a request arrived. */
interface Server {
  readonly machine: string;
  /** Zero: it came over the loopback interface. */
  readonly mac: MacAddress;
  /** Requests that were answered. */
  answers: number;
}

interface Seen {
  sightings: Sighting[];
  /** The address each request was last seen from: retransmissions are no news. */
  readonly sources: Map<number, Ipv4Address>;
  /** Sightings that are no longer kept, by address, in the order of first sight. */
  readonly older: Map<Ipv4Address, number>;
  /** Everybody who saw a request, by first sight. */
  readonly servers: Server[];
  /** Who saw each request last: of two holders of an address, the one that can have answered. */
  readonly reached: Map<number, Server>;
}

const NEWLINE = 0x0a;

/** What servers saw of all flows of a scenario. */
export class FlowSources {
  readonly #seen = new Map<number, Seen>();
  readonly #ports: readonly (number | null)[];
  readonly #limit: number;

  /** The flows of a scenario in their order; at least the last `limit` sightings of each are kept: Infinity keeps all. */
  constructor(flows: readonly FlowSpec[], limit: number) {
    this.#ports = flows.map((flow) => flow.port);
    this.#limit = limit;
  }

  /** Watches what is handed to the sockets of a host. */
  watch(stack: NetworkStack): void {
    stack.hooks.register(HookPoint.Input, HookPriority.Filter + 1, (packet) => {
      this.#observe(packet, stack);
      return Verdict.Accept;
    });
  }

  /** Which request was seen from where, in the order of seeing; at least the last `limit` of them. */
  sightings(flow: number): readonly Sighting[] {
    return this.#seen.get(flow)?.sightings ?? [];
  }

  /** Addresses with their numbers of requests, most frequent first, ties by first sight. */
  of(flow: number): { readonly address: string; readonly count: number }[] {
    const counts = new Map<Ipv4Address, number>(this.#seen.get(flow)?.older);
    for (const { source } of this.sightings(flow))
      counts.set(source, (counts.get(source) ?? 0) + 1);
    return [...counts]
      .sort(([, a], [, b]) => b - a)
      .map(([address, count]) => ({ address: formatIpv4(address), count }));
  }

  /** Told by the flow: the answer to a request came. */
  answered(flow: number, request: number): void {
    const server = this.#seen.get(flow)?.reached.get(request);
    if (server !== undefined) server.answers++;
  }

  /** Who answered how many requests, most first, ties by first sight; who is not in the lab is not known. */
  answerers(flow: number): FlowAnswerer[] {
    return (this.#seen.get(flow)?.servers ?? [])
      .filter(({ answers }) => answers > 0)
      .sort((a, b) => b.answers - a.answers)
      .map(({ answers: count, mac, machine }) => {
        return { machine, mac: mac === ZERO_MAC ? null : formatMac(mac), count };
      });
  }

  #observe(packet: Packet, stack: NetworkStack): void {
    let offset = payloadOf(packet);
    // A segment that was held up may carry several requests, each of which ends in a newline.
    while (offset !== null) {
      const tag = readTag(packet.frame, offset, packet.end);
      if (tag === null) return;
      this.#note(tag, packet, stack);
      offset = packet.protocol === IpProtocol.Tcp ? nextLine(packet, offset) : null;
    }
  }

  /** Trimmed in halves, so that the cost per request stays constant. */
  #condense(seen: Seen): void {
    for (const { request, source } of seen.sightings.slice(0, this.#limit)) {
      seen.older.set(source, (seen.older.get(source) ?? 0) + 1);
      seen.sources.delete(request);
      seen.reached.delete(request);
    }
    seen.sightings = seen.sightings.slice(this.#limit);
  }

  #note(tag: Tag, packet: Packet, stack: NetworkStack): void {
    // An echoed answer carries the tag too, but not to the flow's port.
    const port = this.#ports[tag.flow];
    if (port === undefined || (port !== null && packet.destinationPort !== port)) return;
    let seen = this.#seen.get(tag.flow);
    if (seen === undefined) {
      seen = {
        sightings: [],
        sources: new Map(),
        older: new Map(),
        servers: [],
        reached: new Map(),
      };
      this.#seen.set(tag.flow, seen);
    }
    const { source } = packet;
    seen.reached.set(tag.request, serverOf(seen.servers, stack.name, packet));
    if (seen.sources.get(tag.request) === source) return;
    seen.sources.set(tag.request, source);
    seen.sightings.push({ at: stack.scheduler.now, request: tag.request, source });
    if (seen.sightings.length >= 2 * this.#limit) this.#condense(seen);
  }
}

/** There are few: whoever had the address at some time. */
function serverOf(servers: Server[], machine: string, { ingress }: Packet): Server {
  const mac = ingress?.mac ?? ZERO_MAC;
  let server = servers.find((each) => each.machine === machine && each.mac === mac);
  if (server === undefined) {
    server = { machine, mac, answers: 0 };
    servers.push(server);
  }
  return server;
}

/** Behind the next newline of the payload; null if there is none, or nothing behind it. */
function nextLine({ frame, end }: Packet, at: number): number | null {
  const newline = frame.bytes.subarray(at, end).indexOf(NEWLINE);
  return newline < 0 || at + newline + 1 >= end ? null : at + newline + 1;
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
