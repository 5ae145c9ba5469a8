// '250ms', '10Mbit', '64KiB' to numbers and back. Times are integer nanoseconds, rates bits per
// second, sizes bytes. Units follow tc(8): Kbit/Mbit/Gbit are powers of 1000, KiB/MiB powers of 1024.

const NANOS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
};
const BITS_PER_UNIT: Readonly<Record<string, number>> = {
  bit: 1,
  Kbit: 1e3,
  kbit: 1e3,
  Mbit: 1e6,
  Gbit: 1e9,
};
const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

function parse(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(\d+(?:\.\d+)?) ?([A-Za-zµ]+)$/.exec(text.trim());
  const factor = match?.[2] === undefined ? undefined : units[match[2]];
  if (match?.[1] === undefined || factor === undefined) return null;
  const value = Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(value) ? value : null;
}

/** '50us' → 50_000. Null when it is not a duration. */
export function parseDuration(text: string): number | null {
  return parse(text, NANOS_PER_UNIT);
}

/** '1Gbit' → 1e9 bits per second. Null when it is not a rate. */
export function parseBitRate(text: string): number | null {
  return parse(text, BITS_PER_UNIT);
}

/** '64KiB' → 65_536. Null when it is not a size. */
export function parseByteSize(text: string): number | null {
  return parse(text, BYTES_PER_UNIT);
}

/** The shortest exact form: 65_536 → '64KiB', 1e6 → '1MB', 10 → '10B'. */
export function formatByteSize(bytes: number): string {
  const units = Object.entries(BYTES_PER_UNIT).toSorted(([, a], [, b]) => b - a);
  const [unit, factor] = units.find(([, each]) => bytes % each === 0) ?? ['B', 1];
  return `${bytes / factor}${unit}`;
}

/** The shortest exact form: 50_000 → '50us', 1.5e9 → '1.5s'. */
export function formatDuration(nanos: number): string {
  if (nanos === 0) return '0s';
  for (const [unit, factor] of [
    ['s', 1e9],
    ['ms', 1e6],
    ['us', 1e3],
  ] as const) {
    if (Math.abs(nanos) >= factor) return `${Number((nanos / factor).toFixed(6))}${unit}`;
  }
  return `${nanos}ns`;
}
