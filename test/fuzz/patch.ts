// Changes to a frame that leave its checksums as right or wrong as they were (RFC 1624).

/** Sets 16 bits and adapts the checksums at the given places, as far as the octets go. */
export function set16(
  octets: Uint8Array,
  at: number,
  value: number,
  checksums: readonly number[],
): void {
  if (at + 2 > octets.length) return;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const before = view.getUint16(at);
  view.setUint16(at, value);
  for (const checksum of checksums) adaptChecksum(octets, checksum, before, value);
}

export function set32(
  octets: Uint8Array,
  at: number,
  value: number,
  checksums: readonly number[],
): void {
  set16(octets, at, value >>> 16, checksums);
  set16(octets, at + 2, value & 0xffff, checksums);
}

/** For a 16-bit word, or a folded sum of several, that has become another. */
export function adaptChecksum(octets: Uint8Array, at: number, before: number, after: number): void {
  if (at + 2 > octets.length) return;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  let sum = (~view.getUint16(at) & 0xffff) + (~before & 0xffff) + after;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(at, ~sum & 0xffff);
}
