// Options of a received IPv4 header, RFC 791 and ip_options_compile of net/ipv4/ip_options.c: what is
// malformed is answered with ICMP 12 pointing at the octet; source routes are refused, as Linux does
// by default (accept_source_route of conf.all is 0). Everything else passes as it is: Record Route and
// Timestamp are not filled in, nor copied into answers.

import type { Frame } from '../../wire/frame.ts';
import * as ipv4 from '../../wire/ipv4.ts';

const Option = {
  End: 0,
  NoOperation: 1,
  RecordRoute: 7,
  Timestamp: 68,
  LooseSourceRoute: 131,
  StrictSourceRoute: 137,
  RouterAlert: 148,
} as const;

/** What `checkOptions` says of options that are well formed. */
export const WELL_FORMED = 0;
/** Well formed, with a source route. */
export const SOURCE_ROUTED = -1;

const ADDRESS_LENGTH = 4;
const LENGTH = 1;
const POINTER = 2;
const FLAGS = 3;
const TIMESTAMP_AND_ADDRESS = 1;
const TIMESTAMP_PRESPECIFIED = 3;
const OVERFLOW_FULL = 15;

/** WELL_FORMED, SOURCE_ROUTED, or the offset in the header of the octet that is wrong. */
export function checkOptions(frame: Frame, l3: number, l4: number): number {
  const { view } = frame;
  let hasRecord = false;
  let hasTimestamp = false;
  let hasSourceRoute = false;
  for (let at = l3 + ipv4.HEADER_LENGTH; at < l4; ) {
    const kind = view.getUint8(at);
    if (kind === Option.End) break;
    if (kind === Option.NoOperation) {
      at++;
      continue;
    }
    if (l4 - at < 2) return at - l3;
    const length = view.getUint8(at + LENGTH);
    if (length < 2 || length > l4 - at) return at - l3;
    let wrong = WELL_FORMED;
    if (kind === Option.LooseSourceRoute || kind === Option.StrictSourceRoute) {
      wrong = checkPointer(frame, at, length);
      if (wrong === WELL_FORMED && hasSourceRoute) wrong = at;
      hasSourceRoute = true;
    } else if (kind === Option.RecordRoute) {
      wrong = hasRecord ? at : checkRecord(frame, at, length);
      hasRecord = true;
    } else if (kind === Option.Timestamp) {
      wrong = hasTimestamp ? at : checkTimestamp(frame, at, length);
      hasTimestamp = true;
    } else if (kind === Option.RouterAlert && length < 4) {
      wrong = at + LENGTH;
    }
    if (wrong !== WELL_FORMED) return wrong - l3;
    at += length;
  }
  return hasSourceRoute ? SOURCE_ROUTED : WELL_FORMED;
}

/** The pointer counts from one and stands behind itself. */
function checkPointer(frame: Frame, at: number, length: number): number {
  if (length < 3) return at + LENGTH;
  return frame.view.getUint8(at + POINTER) < 4 ? at + POINTER : WELL_FORMED;
}

function checkRecord(frame: Frame, at: number, length: number): number {
  const wrong = checkPointer(frame, at, length);
  if (wrong !== WELL_FORMED) return wrong;
  const pointer = frame.view.getUint8(at + POINTER);
  return pointer <= length && pointer + ADDRESS_LENGTH - 1 > length ? at + POINTER : WELL_FORMED;
}

function checkTimestamp(frame: Frame, at: number, length: number): number {
  if (length < 4) return at + LENGTH;
  const pointer = frame.view.getUint8(at + POINTER);
  if (pointer < 5) return at + POINTER;
  const form = frame.view.getUint8(at + FLAGS);
  const kind = form & 0xf;
  if (pointer > length) {
    const isFull = kind !== TIMESTAMP_PRESPECIFIED && form >>> 4 === OVERFLOW_FULL;
    return isFull ? at + FLAGS : WELL_FORMED;
  }
  const needed =
    kind === TIMESTAMP_AND_ADDRESS || kind === TIMESTAMP_PRESPECIFIED
      ? 2 * ADDRESS_LENGTH
      : ADDRESS_LENGTH;
  return pointer + needed - 1 > length ? at + POINTER : WELL_FORMED;
}
