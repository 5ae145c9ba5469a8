import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWord } from '../../../src/base/shell-word.ts';
import {
  displayWidth,
  formatBytes,
  formatCount,
  formatLabTime,
  formatSpan,
  padEnd,
  padStart,
  plural,
  printable,
  printableLines,
} from '../../../src/cli/render/text.ts';

test.each([
  ['worker01', 8],
  ['größe', 5],
  ['e\u0301', 1],
  ['節点', 4],
  ['🚀', 2],
  ['', 0],
])('"%s" is %i columns wide', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('padding counts columns, not characters', () => {
  expect(padEnd('節点', 6)).toBe('節点  ');
  expect(padStart('节', 4)).toBe('  节');
  expect(padEnd('longer', 3)).toBe('longer');
});

test('what a terminal would obey is shown instead', () => {
  expect(printable('a\x1b[2Jb\r\n\u202e')).toBe('a\\u001b[2Jb\\u000d\\u000a\\u202e');
  expect(printableLines('a\x1b\nb')).toBe('a\\u001b\nb');
});

test('printable text holds no control character, whatever went in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/\p{Cc}/u);
      expect(printableLines(text).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test('numbers are grouped, and nouns follow them', () => {
  expect(formatCount(999)).toBe('999');
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect(plural(1, 'port')).toBe('1 port');
  expect(plural(0, 'port')).toBe('0 ports');
});

test.each([
  [0, '-'],
  [999, '999 ns'],
  [50_000, '50 us'],
  [1_500_000, '1.5 ms'],
  [250e6, '250 ms'],
  [999.9e6, '1.0 s'],
  [18.999e9, '19.0 s'],
])('%d ns read as %s', (nanos, text) => {
  expect(formatSpan(nanos)).toBe(text);
});

test('lab time is exact to the millisecond, without idle zeros', () => {
  expect(formatLabTime(60e9)).toBe('60 s');
  expect(formatLabTime(12.345e9)).toBe('12.345 s');
});

test.each([
  [999, '999 B'],
  [1_234, '1.2 kB'],
  [52_000, '52 kB'],
  [1_999_999, '2.0 MB'],
  [2_500_000_000, '2.5 GB'],
])('%d bytes read as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('a word is quoted for the shell only where it must be', () => {
  expect(shellWord('captures/lab.pcapng')).toBe('captures/lab.pcapng');
  expect(shellWord('a b')).toBe("'a b'");
  expect(shellWord("it's")).toBe("'it'\\''s'");
  expect(shellWord('')).toBe("''");
});
