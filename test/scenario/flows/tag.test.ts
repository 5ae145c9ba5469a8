import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTag, writeTag } from '../../../src/scenario/flows/tag.ts';
import { frameOf } from '../../support/frames.ts';

const number = fc.integer({ min: 0, max: 2_000_000 });
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/);

describe('a tag', () => {
  test('that was written is read, in a payload of any size', () => {
    fc.assert(
      fc.property(number, number, name, fc.nat(200), (flow, request, text, size) => {
        const octets = writeTag({ flow, request }, text, size);
        const frame = frameOf(octets);
        expect(octets.length).toBeGreaterThanOrEqual(size);
        expect(octets.at(-1)).toBe(0x0a);
        expect(octets.indexOf(0x0a)).toBe(octets.length - 1);
        expect(readTag(frame, frame.start, frame.end)).toEqual({ flow, request });
      }),
    );
  });

  test('that was cut short is read rightly or not at all', () => {
    fc.assert(
      fc.property(number, number, name, fc.nat(60), (flow, request, text, size) => {
        const frame = frameOf(writeTag({ flow, request }, text, 0).subarray(0, size));
        const read = readTag(frame, frame.start, frame.end);
        if (read !== null) expect(read).toEqual({ flow, request });
      }),
    );
  });

  test('is looked for in any octets, at any place, without a throw', () => {
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ maxLength: 30 }).map((text) => new TextEncoder().encode(`egl:${text}`)),
      fc
        .array(fc.constantFrom(...'egl:#0123 '), { maxLength: 30 })
        .map((signs) => new TextEncoder().encode(signs.join(''))),
    );
    fc.assert(
      fc.property(octets, fc.nat(50), fc.nat(50), (content, from, length) => {
        // At the very end of its memory, where reading too far throws.
        const bytes = Uint8Array.from(content);
        const frame = frameOf(bytes);
        const at = frame.start + Math.min(from, bytes.length);
        const read = readTag(frame, at, Math.min(at + length, frame.end));
        if (read !== null) expect(Number.isSafeInteger(read.request)).toBe(true);
      }),
    );
  });

  test.each([
    'egl:',
    'egl:1',
    'egl:1#',
    'egl:1#2',
    'egl:x#1 ',
    'egl:1 2 ',
    'EGL:1#2 ',
    'egl:01#2 ',
  ])('%j is none', (text) => {
    const frame = frameOf(new TextEncoder().encode(text.padEnd(4)));
    expect(readTag(frame, frame.start, frame.end)).toBe(null);
  });
});
