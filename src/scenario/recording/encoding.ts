// A record as octets and back: a mark, the length of the JSON, the JSON, the octets of the frames. What is read
// back comes from a file or a link, so every step says what is wrong instead of failing.

import { RECORD_FORMAT, type RunRecord } from './record.ts';

const MARK = 'egresslab-record';
/** The mark and an unsigned 32-bit length, in network byte order. */
const HEAD_LENGTH = MARK.length + 4;

/** A record, or one sentence for people that says why there is none. */
export type DecodedRecord =
  | { readonly record: RunRecord; readonly problem: null }
  | { readonly record: null; readonly problem: string };

/** A record as octets. */
export function encodeRecord({ octets, ...plain }: RunRecord): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(plain));
  const bytes = new Uint8Array(HEAD_LENGTH + json.length + octets.length);
  bytes.set(new TextEncoder().encode(MARK));
  new DataView(bytes.buffer).setUint32(MARK.length, json.length);
  bytes.set(json, HEAD_LENGTH);
  bytes.set(octets, HEAD_LENGTH + json.length);
  return bytes;
}

/** The record in these octets. Never throws. */
export function decodeRecord(bytes: Uint8Array<ArrayBuffer>): DecodedRecord {
  const head = new TextDecoder().decode(bytes.subarray(0, MARK.length));
  if (head !== MARK || bytes.length < HEAD_LENGTH) return broken('It holds no record of a run.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = HEAD_LENGTH + view.getUint32(MARK.length);
  if (end > bytes.length) return broken(`It was cut off after ${bytes.length} octets.`);
  const plain = parse(new TextDecoder().decode(bytes.subarray(HEAD_LENGTH, end)));
  if (plain === null) return broken('Its JSON cannot be read.');
  if (plain.format !== RECORD_FORMAT) {
    const found = `Record format ${String(plain.format)}, made by ${String(plain.application)}`;
    return broken(`${found}; this page reads format ${RECORD_FORMAT}.`);
  }
  // The format number vouches for the shape; the lengths are what octets are read by.
  const record = { ...plain, octets: bytes.slice(end) } as RunRecord;
  const expected = record.frames.reduce((sum, { length }) => sum + length, 0);
  if (expected !== record.octets.length) return broken('Octets of its frames are missing.');
  return { record, problem: null };
}

function broken(problem: string): DecodedRecord {
  return { record: null, problem };
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}
