// Steps that react: the template of a step and a frame that came out of the host become a frame that
// goes in. Each side does this with what its own host sent, so that kernel and lab may draw different
// ports, identifiers and sequence numbers and are still asked the same.
//
// An answer goes to whoever sent the frame: addresses, ports or echo identifier are filled in. The
// template's TCP sequence number counts from what the frame acknowledges, its acknowledgment number
// from where the frame ends. An error quotes the frame and goes to its source. Whatever else the
// template says stays, wrong checksums included. ARP templates are complete: they only wait for a
// request.

import { concat } from './build.ts';
import { type Emission, fromHex, type Reaction, type Step } from './case.ts';
import { type Layout, layout, onesSum } from './layout.ts';
import { adaptChecksum, set16, set32 } from './patch.ts';

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const PROTOCOLS = { icmp: ICMP, tcp: TCP, udp: UDP } as const;
const QUERIES = new Set([0, 8, 13, 14, 15, 16, 17, 18]);
const FIN = 0x01;
const SYN = 0x02;
const ACK = 0x10;

/** The octets that a step puts in; null when nothing came out that it could react to. */
export function react(
  { frame }: Step,
  reaction: Reaction,
  heard: readonly Emission[],
): Uint8Array | null {
  const cause = find(heard, reaction);
  if (cause === null) return null;
  const template = fromHex(frame);
  const at = layout(template);
  if (reaction.kind === 'arp' || at === null) return template;
  return reaction.with === 'error'
    ? quoting(template, at, cause, reaction)
    : answering(template, at, cause, reaction);
}

function find(heard: readonly Emission[], reaction: Reaction): Uint8Array | null {
  let back = reaction.back ?? 0;
  for (let i = heard.length - 1; i >= 0; i--) {
    const emission = heard[i];
    if (emission === undefined || emission.on !== reaction.on) continue;
    if (!isMeant(emission.octets, reaction)) continue;
    if (back-- === 0) return emission.octets;
  }
  return null;
}

function isMeant(octets: Uint8Array, { kind, id, address }: Reaction): boolean {
  if (kind === 'arp') {
    const isRequest = octets[12] === 0x08 && octets[13] === 0x06 && octets[21] === 1;
    return isRequest && (address === undefined || address === octets.subarray(38, 42).join('.'));
  }
  const at = layout(octets);
  if (at === null || at.protocol !== PROTOCOLS[kind] || at.fragmentOffset > 0) return false;
  const header = at.protocol === TCP ? 20 : 8;
  if (at.l4 + header > at.end) return false;
  return id === undefined || viewOf(octets).getUint16(at.l3 + 4) === id;
}

function answering(
  octets: Uint8Array,
  at: Layout,
  cause: Uint8Array,
  { keeps }: Reaction,
): Uint8Array {
  const from = layout(cause);
  if (from === null) return octets;
  const heard = viewOf(cause);
  const header = [at.l3 + 10];
  // What addresses change is in the checksums of TCP and UDP, too.
  const transport = transportChecksum(octets, at);
  const both = at.protocol === ICMP ? header : [...header, ...transport];
  if (keeps !== 'source') {
    set32(octets, at.l3 + 12, heard.getUint32(from.l3 + 16), both);
  }
  set32(octets, at.l3 + 16, heard.getUint32(from.l3 + 12), both);
  if (at.fragmentOffset > 0 || at.protocol !== from.protocol) return octets;
  if (at.protocol === ICMP) {
    if (!QUERIES.has(heard.getUint8(from.l4))) return octets;
    set32(octets, at.l4 + 4, heard.getUint32(from.l4 + 4), transport);
    return octets;
  }
  if (keeps !== 'source-port') {
    set16(octets, at.l4, heard.getUint16(from.l4 + 2), transport);
  }
  if (keeps !== 'destination-port') {
    set16(octets, at.l4 + 2, heard.getUint16(from.l4), transport);
  }
  // A port drawn by chance must not turn the sum into the zero that says that there is none.
  if (at.protocol === UDP) for (const sum of transport) avoidZero(octets, sum);
  if (at.protocol === TCP && keeps !== 'numbers') number(octets, at, heard, from, transport);
  return octets;
}

function avoidZero(octets: Uint8Array, at: number): void {
  if (octets[at] === 0 && octets[at + 1] === 0) octets.fill(0xff, at, at + 2);
}

/** Where the checksum over ports and payload is, if there is one. */
function transportChecksum(octets: Uint8Array, { protocol, l4, fragmentOffset }: Layout): number[] {
  if (fragmentOffset > 0) return [];
  if (protocol === ICMP) return [l4 + 2];
  if (protocol === TCP) return [l4 + 16];
  const isSummed = protocol === UDP && ((octets[l4 + 6] ?? 0) | (octets[l4 + 7] ?? 0)) !== 0;
  return isSummed ? [l4 + 6] : [];
}

/** Sequence and acknowledgment number, from relative to absolute. */
function number(
  octets: Uint8Array,
  { l4 }: Layout,
  heard: DataView,
  from: Layout,
  checksums: readonly number[],
): void {
  if (l4 + 20 > octets.length) return;
  const view = viewOf(octets);
  const flags = heard.getUint8(from.l4 + 13);
  if ((flags & ACK) !== 0) {
    const acknowledged = heard.getUint32(from.l4 + 8);
    set32(octets, l4 + 4, (view.getUint32(l4 + 4) + acknowledged) >>> 0, checksums);
  }
  if ((view.getUint8(l4 + 13) & ACK) === 0) return;
  const data = Math.max(0, from.end - from.l4 - (heard.getUint8(from.l4 + 12) >>> 4) * 4);
  const length = data + ((flags & SYN) === 0 ? 0 : 1) + ((flags & FIN) === 0 ? 0 : 1);
  const end = heard.getUint32(from.l4 + 4) + length;
  set32(octets, l4 + 8, (view.getUint32(l4 + 8) + end) >>> 0, checksums);
}

/** An ICMP header and the quote that belongs behind it. */
function quoting(
  template: Uint8Array,
  at: Layout,
  cause: Uint8Array,
  { quoted = Number.POSITIVE_INFINITY, spoiled }: Reaction,
): Uint8Array {
  const from = layout(cause);
  if (from === null) return template;
  const quote = cause.slice(from.l3, Math.min(from.end, from.l3 + quoted));
  if (spoiled !== undefined) {
    const [offset, difference] = spoiled;
    const before = ((quote[offset] ?? 0) << 8) | (quote[offset + 1] ?? 0);
    // Added, not flipped: a checksum is then wrong by the same, whatever port it covers.
    // None at all stays none.
    const sum = before === 0 ? 0 : before + difference;
    set16(quote, offset, (sum & 0xffff) + (sum >>> 16), []);
  }
  const octets = concat(template.subarray(0, at.end), quote, template.subarray(at.end));
  const total = viewOf(octets).getUint16(at.l3 + 2);
  set16(octets, at.l3 + 2, total + quote.length, [at.l3 + 10]);
  set32(octets, at.l3 + 16, viewOf(cause).getUint32(from.l3 + 12), [at.l3 + 10]);
  adaptChecksum(octets, at.l4 + 2, 0, onesSum(quote, 0, quote.length));
  return octets;
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.length);
}
