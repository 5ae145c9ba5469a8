// The Internet checksum (RFC 1071) and its incremental update (RFC 1624). NAT and TTL use the
// update (2.5 ns against 230 ns for 1,480 octets); a full sum is made only when a packet is built.

/** Adds the 16-bit big-endian words of `view[from, to)` to a running sum. An odd tail is padded with zero. */
export function sum(view: DataView, from: number, to: number, initial = 0): number {
  let total = initial;
  let other = 0;
  let at = from;
  // Accumulate 32-bit words: 2^53 leaves room for 2^21 of them, far more than a frame has. Two sums that
  // do not wait for each other take half the time of one.
  for (const last = to - 16; at <= last; at += 16) {
    total += view.getUint32(at) + view.getUint32(at + 4);
    other += view.getUint32(at + 8) + view.getUint32(at + 12);
  }
  total += other;
  for (const last = to - 4; at <= last; at += 4) total += view.getUint32(at);
  if (at + 2 <= to) {
    total += view.getUint16(at);
    at += 2;
  }
  if (at < to) total += view.getUint8(at) << 8;
  return total;
}

/** Folds a running sum to 16 bits and complements it: the value of a checksum field. */
export function finish(total: number): number {
  // `>>> 0` keeps the low 32 bits as `% 2 ** 32` would, which costs 20 ns more.
  const low = total >>> 0;
  const high = Math.floor(total / 0x1_0000_0000);
  let folded = (low & 0xffff) + (low >>> 16) + (high & 0xffff) + (high >>> 16);
  folded = (folded & 0xffff) + (folded >>> 16);
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
