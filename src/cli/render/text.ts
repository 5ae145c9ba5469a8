// Text as a terminal shows it: how wide it is, padded, in words for people. What comes from a user's
// file passes through `printable`, so that a name cannot move the cursor or set the window title.

const ZERO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
const DOUBLE_WIDTH =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const UNPRINTABLE_EXCEPT_NEWLINE = /[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Terminal columns, as wcwidth(3) counts them. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (character < '\u0300') width += 1;
    else if (ZERO_WIDTH.test(character)) continue;
    else width += DOUBLE_WIDTH.test(character) ? 2 : 1;
  }
  return width;
}

/** Spaces after the text up to `width` columns; longer text stays whole. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Spaces before the text up to `width` columns; longer text stays whole. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** One line in which control and direction-changing characters are shown as escapes. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escapeCharacter);
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE_EXCEPT_NEWLINE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

/** 6214 → '6,214'. */
export function formatCount(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** plural(1, 'port') → '1 port'; plural(6214, 'frame') → '6,214 frames'. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** listed(['a', 'b', 'c']) → 'a, b and c'. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2
    ? parts.join('')
    : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

/** 1_234_567 → '1.2 MB'. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  for (const [unit, factor] of [
    ['kB', 1e3],
    ['MB', 1e6],
  ] as const) {
    if (bytes < factor * 999.5) {
      const value = bytes / factor;
      return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
    }
  }
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** A length of lab time for people: 18_999_000_000 → '19.0 s', 250_000_000 → '250 ms', 0 → '-'. */
export function formatSpan(nanos: number): string {
  if (nanos === 0) return '-';
  if (nanos < 1e3) return `${nanos} ns`;
  if (nanos < 1e6) return `${trim(nanos / 1e3)} us`;
  if (nanos < 999.5e6) return `${trim(nanos / 1e6)} ms`;
  return `${(nanos / 1e9).toFixed(1)} s`;
}

/** A length of lab time where exactness reads better than alignment: 60e9 → '60 s', 1.5e9 → '1.5 s'. */
export function formatLabTime(nanos: number): string {
  return `${Number((nanos / 1e9).toFixed(3))} s`;
}

function trim(value: number): string {
  return value < 10 ? `${Number(value.toFixed(1))}` : `${Math.round(value)}`;
}
