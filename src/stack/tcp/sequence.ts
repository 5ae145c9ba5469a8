// Arithmetic of 32-bit sequence numbers, RFC 9293 3.4: numbers wrap, and "before" means "less than
// half the circle behind". All values are unsigned.

/** `sequence` moved on by `octets`, which may be negative. */
export function add(sequence: number, octets: number): number {
  return (sequence + octets) >>> 0;
}

/** How far `to` lies behind `from`; negative if it lies before it. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}

/** `a` comes before `b`, modulo 2^32. */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** `a` comes after `b`, modulo 2^32. */
export function after(a: number, b: number): boolean {
  return ((b - a) | 0) < 0;
}
