// Captures with changed octets and cuts, explained to the end: whatever they say, nothing is thrown.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readerFor } from '../../src/capture/reading/capture-reader.ts';
import { Explainer } from '../../src/explain/explainer.ts';

const FOLDER = join(process.cwd(), 'test/fixtures/captures');
const FILES = [
  'any-sll.pcap',
  'sections.pcapng',
  'vlan-trunk.pcap',
  'redirect.pcap',
  'redirect-null.pcap',
  'garp-forms.pcap',
];
/** Of one file, so that a round takes little time. */
const PART = 6_000;

/** A generator of chance that a number starts: mulberry32. */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const parts = FILES.map((file) => readFileSync(join(FOLDER, file)).subarray(0, PART));

/** The capture that a seed makes. */
export function mutated(seed: number): Uint8Array {
  const chance = chanceOf(seed);
  const pick = (below: number): number => Math.floor(chance() * below);
  const part = parts[pick(parts.length)] ?? new Uint8Array(0);
  const bytes = new Uint8Array(part.subarray(0, chance() < 0.3 ? pick(part.length) : part.length));
  const changes = pick(40);
  for (let change = 0; change < changes && bytes.length > 0; change++) {
    bytes[pick(bytes.length)] = chance() < 0.3 ? (pick(2) === 0 ? 0 : 0xff) : pick(256);
  }
  return bytes;
}

/** Explains it. @throws whatever is a bug */
export function explainBytes(bytes: Uint8Array): void {
  const explainer = new Explainer();
  const file = explainer.add('mutated');
  const reader = readerFor(bytes, file);
  reader?.push(bytes);
  reader?.end();
  file.ended = true;
  explainer.drain();
  explainer.conclude();
}
