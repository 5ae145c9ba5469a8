// Where headers begin in octets that may be anything. Its own few lines, not the codecs of the lab: a
// mistake there must not hide itself here.

export interface Layout {
  readonly l3: number;
  readonly l4: number;
  /** One past the packet, at most one past the octets. */
  readonly end: number;
  readonly protocol: number;
  /** In octets. */
  readonly fragmentOffset: number;
  readonly moreFragments: boolean;
}

/** Null when it is no IPv4 packet. */
export function layout(octets: Uint8Array, l3 = 14): Layout | null {
  if (octets.length < l3 + 20) return null;
  if (l3 === 14 && (octets[12] !== 0x08 || octets[13] !== 0x00)) return null;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const first = view.getUint8(l3);
  const headerLength = (first & 0x0f) * 4;
  if (first >>> 4 !== 4 || headerLength < 20) return null;
  const fragment = view.getUint16(l3 + 6);
  return {
    l3,
    l4: l3 + headerLength,
    end: Math.min(octets.length, l3 + view.getUint16(l3 + 2)),
    protocol: view.getUint8(l3 + 9),
    fragmentOffset: (fragment & 0x1fff) * 8,
    moreFragments: (fragment & 0x2000) !== 0,
  };
}

/** The ones' complement sum of [from, to), folded; 0xffff where a checksum within is right. */
export function onesSum(octets: Uint8Array, from: number, to: number, initial = 0): number {
  let sum = initial;
  for (let i = from; i < to; i += 2) {
    sum += ((octets[i] ?? 0) << 8) | (i + 1 < to ? (octets[i + 1] ?? 0) : 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return sum;
}

/** What the pseudo header of TCP and UDP adds. */
export function pseudoSum(
  octets: Uint8Array,
  l3: number,
  protocol: number,
  length: number,
): number {
  return onesSum(octets, l3 + 12, l3 + 20, protocol + length);
}
