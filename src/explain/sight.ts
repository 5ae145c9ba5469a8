// One frame as seen: what stands before IP or ARP in it, as numbers. VLAN tags, SNAP, Linux cooked headers and raw IP
// come out alike; VXLAN and Geneve are entered by `enterTunnel`. Offsets: docs of LINKTYPE_ values, RFC 7348, RFC 8926.

import { LinkType } from '../capture/reading/link-type.ts';
import type { FrameRecord } from '../capture/reading/record.ts';
import type { Nanos } from '../sim/time.ts';
import { EtherType, WellKnownPort } from '../wire/numbers.ts';
import { DomainName } from './domain-name.ts';

/** No MAC address is known: raw IP, and what cooked headers leave out. */
export const NO_MAC = -1;
const MAX_TAGS = 4;
const OLD_PROVIDER_TAG = 0x9100;
const SNAP_HEADER = 8;
const LINUX_VXLAN_PORT = 8472;
const TRANSPARENT_BRIDGING = 0x6558;

/** Filled again for each frame. */
export class Sight {
  at: Nanos = 0;
  number = 0;
  /** Index over all files. */
  point = 0;
  /** The broadcast domain. */
  domain: DomainName;
  source: number = NO_MAC;
  destination: number = NO_MAC;
  etherType = 0;
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Where ARP or IP begins, and where the octets of the frame end. */
  l3 = 0;
  end = 0;
  #buffer: ArrayBufferLike | null = null;
  readonly #untagged = DomainName.untagged();

  constructor() {
    this.domain = this.#untagged;
  }

  /** False for what has no network layer that is known. */
  read(frame: FrameRecord, at: Nanos, number: number, point: number): boolean {
    const { bytes } = frame;
    if (bytes.buffer !== this.#buffer) {
      this.#buffer = bytes.buffer;
      this.view = new DataView(bytes.buffer);
    }
    this.at = at;
    this.number = number;
    this.point = point;
    this.domain = this.#untagged;
    this.source = NO_MAC;
    this.destination = NO_MAC;
    const start = bytes.byteOffset + frame.start;
    this.end = start + frame.captured;
    switch (frame.linkType) {
      case LinkType.Ethernet:
        return this.#ethernet(start);
      case LinkType.LinuxCooked:
        return this.#cooked(start, 14, 6, 16);
      case LinkType.LinuxCooked2:
        return this.#cooked(start, 0, 12, 20);
      case LinkType.Null:
      case LinkType.Loop:
        return this.end >= start + 5 && this.#ip(start + 4);
      default:
        return this.end > start && this.#ip(start);
    }
  }

  /** Goes on with the inner frame if the UDP datagram at `l4` is a tunnel's. */
  enterTunnel(l4: number): boolean {
    const { end, view } = this;
    if (l4 + 16 > end) return false;
    const port = view.getUint16(l4 + 2);
    if (port === WellKnownPort.Vxlan || port === LINUX_VXLAN_PORT) {
      if ((view.getUint8(l4 + 8) & 0x08) === 0) return false;
      this.domain = this.domain.overlay('vni', view.getUint32(l4 + 12) >>> 8);
      return this.#ethernet(l4 + 16);
    }
    if (port !== WellKnownPort.Geneve) return false;
    if (view.getUint16(l4 + 10) !== TRANSPARENT_BRIDGING) return false;
    this.domain = this.domain.overlay('geneve', view.getUint32(l4 + 12) >>> 8);
    return this.#ethernet(l4 + 16 + (view.getUint8(l4 + 8) & 0x3f) * 4);
  }

  #ethernet(start: number): boolean {
    if (start + 14 > this.end) return false;
    const { view } = this;
    this.destination = view.getUint16(start) * 0x1_0000_0000 + view.getUint32(start + 2);
    this.source = view.getUint16(start + 6) * 0x1_0000_0000 + view.getUint32(start + 8);
    return this.#network(start + 12);
  }

  /** `at` is where the EtherType stands. */
  #network(at: number): boolean {
    const { end, view } = this;
    let type = view.getUint16(at);
    for (let tags = 0; isTag(type) && tags < MAX_TAGS; tags++) {
      if (at + 6 > end) return false;
      const id = view.getUint16(at + 2) & 0xfff;
      if (id > 0) this.domain = this.domain.vlan(type, id);
      at += 4;
      type = view.getUint16(at);
    }
    let l3 = at + 2;
    const hasSnap = type <= 1500 && l3 + SNAP_HEADER <= end && view.getUint16(l3) === 0xaaaa;
    if (hasSnap) {
      type = view.getUint16(l3 + 6);
      l3 += SNAP_HEADER;
    }
    this.etherType = type;
    this.l3 = l3;
    return type === EtherType.Arp || type === EtherType.Ipv4 || type === EtherType.Ipv6;
  }

  #cooked(start: number, protocol: number, address: number, length: number): boolean {
    if (start + length > this.end) return false;
    const { view } = this;
    const at = start + address;
    const mac = view.getUint16(at) * 0x1_0000_0000 + view.getUint32(at + 2);
    this.source = mac === 0 ? NO_MAC : mac;
    this.etherType = view.getUint16(start + protocol);
    this.l3 = start + length;
    const { etherType } = this;
    return (
      etherType === EtherType.Arp || etherType === EtherType.Ipv4 || etherType === EtherType.Ipv6
    );
  }

  #ip(l3: number): boolean {
    const version = this.view.getUint8(l3) >>> 4;
    this.etherType = version === 6 ? EtherType.Ipv6 : EtherType.Ipv4;
    this.l3 = l3;
    return version === 4 || version === 6;
  }
}

function isTag(type: number): boolean {
  return type === EtherType.Vlan || type === EtherType.ServiceVlan || type === OLD_PROVIDER_TAG;
}
