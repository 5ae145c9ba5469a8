// What a flow writes at the start of each request, so that whoever sees the packet, in Wireshark or at
// the server, can tell which request it is: 'egl:3#17 web-to-db'. Flows are numbered in file order.

import type { Frame } from '../../wire/frame.ts';

/** 'egl:' as a big-endian word. */
const MAGIC = 0x6567_6c3a;
const HASH = 0x23;
const BLANK = 0x20;
const ZERO = 0x30;
const LONGEST_NUMBER = 10;

/** Which request of which flow. */
export interface Tag {
  readonly flow: number;
  readonly request: number;
}

/** ASCII octets, at least `size` of them, ending in a newline; padded with dots. */
export function writeTag(tag: Tag, name: string, size: number): Uint8Array {
  const text = `egl:${tag.flow}#${tag.request} ${name} `;
  const octets = new Uint8Array(Math.max(size, text.length)).fill(0x2e);
  for (let i = 0; i < text.length; i++) octets[i] = text.charCodeAt(i);
  octets[octets.length - 1] = 0x0a;
  return octets;
}

/** The tag at an absolute offset, or null. Never throws, whatever the octets. */
export function readTag(frame: Frame, at: number, end: number): Tag | null {
  if (end - at < 8 || frame.view.getUint32(at) !== MAGIC) return null;
  const flow = readNumber(frame, at + 4, end);
  if (flow === null) return null;
  const hash = at + 4 + digits(flow);
  if (hash >= end || frame.view.getUint8(hash) !== HASH) return null;
  const request = readNumber(frame, hash + 1, end);
  if (request === null) return null;
  // A payload that was cut short may have lost digits.
  const blank = hash + 1 + digits(request);
  const whole = blank < end && frame.view.getUint8(blank) === BLANK;
  return whole ? { flow, request } : null;
}

/** Of a number as it was written: there are no leading zeros. */
function digits(value: number): number {
  return String(value).length;
}

function readNumber(frame: Frame, at: number, end: number): number | null {
  let value = 0;
  let length = 0;
  for (; length < LONGEST_NUMBER && at + length < end; length++) {
    const digit = frame.view.getUint8(at + length) - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return length === 0 ? null : value;
}
