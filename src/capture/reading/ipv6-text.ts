// IPv6 addresses as RFC 5952 writes them. The lab speaks no IPv6; captures of others do.

/** Four words of 32 bits, the first one first. */
export function formatIpv6Words(a: number, b: number, c: number, d: number): string {
  const groups = [a, b, c, d].flatMap((word) => [(word >>> 16) & 0xffff, word & 0xffff]);
  let best = -1;
  let longest = 1;
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > longest) {
      best = at;
      longest = length;
    }
  }
  const text = (part: readonly number[]): string => part.map((each) => each.toString(16)).join(':');
  if (best < 0) return text(groups);
  return `${text(groups.slice(0, best))}::${text(groups.slice(best + longest))}`;
}
