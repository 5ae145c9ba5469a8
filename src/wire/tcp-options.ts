// The TCP options a Linux host sends and believes: MSS (RFC 9293 3.2), window scale and timestamps
// (RFC 7323), SACK permitted (RFC 2018). Everything else is skipped by its length.
//
//   kind 0 end    kind 1 no-op    otherwise: | kind | length | data (length - 2) |
//
// As in Linux (tcp_parse_options), parsing ends silently at the first option that does not fit.

import { assertWritable, type Frame } from './frame.ts';
import * as tcp from './tcp.ts';

const Kind = { End: 0, NoOp: 1, Mss: 2, WindowScale: 3, SackPermitted: 4, Timestamps: 8 } as const;

/** Octets that `emitMss` writes. */
export const MSS_LENGTH = 4;
/** Octets that `emitWindowScale` writes: a no-op and the option. */
export const WINDOW_SCALE_LENGTH = 4;
/** Octets that `emitSackPermitted` writes: two no-ops and the option. */
export const SACK_PERMITTED_LENGTH = 4;
/** Octets that `emitTimestamps` writes: two no-ops and the option. */
export const TIMESTAMPS_LENGTH = 12;

/** RFC 7323 2.3. */
const MAXIMUM_WINDOW_SCALE = 14;

/** What the options of one segment say; null where they say nothing. */
export interface TcpOptions {
  readonly mss: number | null;
  /** The shift, at most 14. */
  readonly windowScale: number | null;
  readonly sackPermitted: boolean;
  readonly timestamps: { readonly value: number; readonly echo: number } | null;
}

const NONE: TcpOptions = { mss: null, windowScale: null, sackPermitted: false, timestamps: null };

/** The options of a segment that passed `tcp.check`. Never fails: what cannot be read is left out. */
export function parse(frame: Frame, at: number): TcpOptions {
  const end = at + tcp.dataOffset(frame, at);
  let here = at + tcp.HEADER_LENGTH;
  if (here >= end) return NONE;
  const { view } = frame;
  let mss: number | null = null;
  let windowScale: number | null = null;
  let sackPermitted = false;
  let timestamps: TcpOptions['timestamps'] = null;
  while (here < end) {
    const kind = view.getUint8(here);
    if (kind === Kind.End) break;
    if (kind === Kind.NoOp) {
      here++;
      continue;
    }
    if (here + 2 > end) break;
    const length = view.getUint8(here + 1);
    if (length < 2 || here + length > end) break;
    // Linux ignores an MSS of zero and takes a larger shift for 14.
    if (kind === Kind.Mss && length === 4) mss = view.getUint16(here + 2) || mss;
    if (kind === Kind.WindowScale && length === 3) {
      windowScale = Math.min(view.getUint8(here + 2), MAXIMUM_WINDOW_SCALE);
    }
    if (kind === Kind.SackPermitted && length === 2) sackPermitted = true;
    if (kind === Kind.Timestamps && length === 10) {
      timestamps = { value: view.getUint32(here + 2), echo: view.getUint32(here + 6) };
    }
    here += length;
  }
  return { mss, windowScale, sackPermitted, timestamps };
}

/** Writes at the absolute offset `at` and returns the offset behind it, as all of these do. */
export function emitMss(frame: Frame, at: number, mss: number): number {
  assertWritable(frame);
  frame.view.setUint16(at, (Kind.Mss << 8) | 4);
  frame.view.setUint16(at + 2, mss);
  return at + MSS_LENGTH;
}

/** A no-op and the shift, 0 to 14; see `emitMss`. */
export function emitWindowScale(frame: Frame, at: number, shift: number): number {
  assertWritable(frame);
  frame.view.setUint16(at, (Kind.NoOp << 8) | Kind.WindowScale);
  frame.view.setUint16(at + 2, (3 << 8) | shift);
  return at + WINDOW_SCALE_LENGTH;
}

/** Two no-ops and the option; see `emitMss`. */
export function emitSackPermitted(frame: Frame, at: number): number {
  assertWritable(frame);
  frame.view.setUint16(at, (Kind.NoOp << 8) | Kind.NoOp);
  frame.view.setUint16(at + 2, (Kind.SackPermitted << 8) | 2);
  return at + SACK_PERMITTED_LENGTH;
}

/** Two no-ops, TSval and TSecr, both 32 bits; see `emitMss`. */
export function emitTimestamps(frame: Frame, at: number, value: number, echo: number): number {
  assertWritable(frame);
  frame.view.setUint16(at, (Kind.NoOp << 8) | Kind.NoOp);
  frame.view.setUint16(at + 2, (Kind.Timestamps << 8) | 10);
  frame.view.setUint32(at + 4, value);
  frame.view.setUint32(at + 8, echo);
  return at + TIMESTAMPS_LENGTH;
}
