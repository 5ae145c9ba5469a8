// A capture as rows that can be laid beside those of another: one row for each packet that tells a story (address
// resolution, ICMP, datagrams, the beginnings and ends of connections), copies at several points left out.

import type { FrameRecord } from '../../capture/reading/record.ts';
import type { Nanos } from '../../sim/time.ts';
import { formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { EtherType, IpProtocol } from '../../wire/numbers.ts';
import { formatNumber } from '../arp-watch.ts';
import { Copies } from '../copies.ts';
import { AddressBook, SeenPacket } from '../packet.ts';
import { Sight } from '../sight.ts';

const ROW_LIMIT = 4_000;
const ARP_LENGTH = 28;
const COPY_WINDOW: Nanos = 50_000_000;
const ICMP6 = 58;
const BROADCAST = 0xffff_ffff_ffff;
const Flag = { Fin: 1, Syn: 2, Reset: 4, Ack: 16 } as const;

/** One packet. */
export interface PacketRow {
  /** Seconds since the first frame of the capture. */
  readonly t: number;
  /** 'arp request', 'arp announcement', 'icmp 8', 'tcp SA', 'udp'. */
  readonly kind: string;
  /** Addresses; of ARP the sender and the target. */
  readonly from: string;
  readonly to: string;
  /** The port of the service; 0 for none. */
  readonly port: number;
  /** MAC addresses; what cannot be seen is '?'. */
  readonly fromMac: string;
  readonly toMac: string;
  /** Of ARP what stands in the target MAC field: '0', 'sender', 'broadcast' or the address. */
  readonly tha: string;
}

/** A row and the frame that it comes from. */
export interface NumberedRow {
  readonly row: PacketRow;
  readonly frame: number;
}

/** The number of a row's frame; null for none. */
export function frameOf(row: NumberedRow | null): number | null {
  return row === null ? null : row.frame;
}

/** Takes frames in the order of time. */
export class PacketRows {
  readonly rows: NumberedRow[] = [];
  /** Packets beyond the bound. */
  omitted = 0;
  #first: Nanos | null = null;
  readonly #sight = new Sight();
  readonly #packet = new SeenPacket();
  readonly #addresses = new AddressBook();
  readonly #copies = new Copies();
  readonly #points = new Map<string, { readonly at: Nanos; readonly point: number }>();

  frame(record: FrameRecord, at: Nanos, number: number, point: number): void {
    const sight = this.#sight;
    if (!sight.read(record, at, number, point)) return;
    this.#first ??= at;
    const row = sight.etherType === EtherType.Arp ? this.#arp(at) : this.#ip(at);
    if (row === null) return;
    if (this.rows.length < ROW_LIMIT) this.rows.push({ row, frame: number });
    else this.omitted++;
  }

  #arp(at: Nanos): PacketRow | null {
    const { end, l3, view } = this.#sight;
    if (l3 + ARP_LENGTH > end) return null;
    const macAt = (place: number): number =>
      view.getUint16(place) * 0x1_0000_0000 + view.getUint32(place + 2);
    const ipAt = (place: number): string => formatIpv4(view.getUint32(place) as Ipv4Address);
    const operation = view.getUint16(l3 + 6) === 1 ? 'request' : 'reply';
    const [sha, tha] = [macAt(l3 + 8), macAt(l3 + 18)];
    const [from, to] = [ipAt(l3 + 14), ipAt(l3 + 24)];
    const form = from === to ? 'announcement ' : from === '0.0.0.0' ? 'probe ' : '';
    const kind = `arp ${form}${operation}`;
    const thaText =
      tha === 0
        ? '0'
        : tha === sha
          ? 'sender'
          : tha === BROADCAST
            ? 'broadcast'
            : formatNumber(tha);
    const row = { kind, from, to, port: 0, fromMac: formatNumber(sha), tha: thaText };
    return this.#once({ t: this.#time(at), ...row, toMac: this.#destination() }, at);
  }

  /** At another point within a moment it is the same one. */
  #once(row: PacketRow, at: Nanos): PacketRow | null {
    const { point } = this.#sight;
    const key = `${row.kind} ${row.from} ${row.to} ${row.fromMac} ${row.toMac}`;
    const known = this.#points.get(key);
    if (known !== undefined && known.point !== point && at - known.at < COPY_WINDOW) return null;
    if (this.#points.size > ROW_LIMIT) this.#points.clear();
    this.#points.set(key, { at, point });
    return row;
  }

  #ip(at: Nanos): PacketRow | null {
    const [sight, packet] = [this.#sight, this.#packet];
    if (!packet.read(sight, this.#addresses)) return null;
    if (this.#copies.classify(sight, packet) !== 'new') return null;
    const { destination, l4, protocol, source } = packet;
    if (l4 < 0) return null;
    const told = kindOf(sight, protocol, l4);
    if (told === null) return null;
    return {
      t: this.#time(at),
      kind: told.kind,
      from: this.#addresses.format(source),
      to: this.#addresses.format(destination),
      port: told.port,
      fromMac: formatNumber(sight.source),
      toMac: this.#destination(),
      tha: '',
    };
  }

  #destination(): string {
    const { destination } = this.#sight;
    return destination === BROADCAST ? 'broadcast' : formatNumber(destination);
  }

  #time(at: Nanos): number {
    return (at - (this.#first ?? at)) / 1e9;
  }
}

function kindOf(
  { end, view }: Sight,
  protocol: number,
  l4: number,
): { kind: string; port: number } | null {
  if (protocol === IpProtocol.Icmp) return { kind: `icmp ${view.getUint8(l4)}`, port: 0 };
  if (protocol === ICMP6) return { kind: `icmp6 ${view.getUint8(l4)}`, port: 0 };
  const [from, to] = [view.getUint16(l4), view.getUint16(l4 + 2)];
  const port = Math.min(from, to);
  if (protocol === IpProtocol.Udp) return { kind: from === port ? 'udp answer' : 'udp', port };
  if (protocol !== IpProtocol.Tcp || l4 + 14 > end) return null;
  const flags = view.getUint8(l4 + 13);
  // How data is cut into segments depends on more than the network.
  if ((flags & (Flag.Syn | Flag.Fin | Flag.Reset)) === 0) return null;
  const letters = [
    (flags & Flag.Syn) === 0 ? '' : 'S',
    (flags & Flag.Fin) === 0 ? '' : 'F',
    (flags & Flag.Reset) === 0 ? '' : 'R',
    (flags & Flag.Ack) === 0 ? '' : 'A',
  ];
  return { kind: `tcp ${letters.join('')}${from === port ? ' answer' : ''}`, port };
}
