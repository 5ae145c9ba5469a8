// The frames of captures as the page of a report shows them: rows with the machines that sent and got them, and octets.
// The last ones of a large capture; frames of other link types than Ethernet are left out.

import { LinkType } from '../capture/reading/link-type.ts';
import type { FrameRecord } from '../capture/reading/record.ts';
import type { Nanos } from '../sim/time.ts';
import type { LadderRow } from '../view/ladder.ts';
import { describe } from '../wire/describe.ts';
import { Frame } from '../wire/frame.ts';
import { formatNumber } from './arp-watch.ts';

const FRAME_LIMIT = 50_000;
const OCTET_LIMIT = 40_000_000;
const ETHERNET_HEADER = 14;
const BROADCAST = 0xffff_ffff_ffff;

/** One frame with its place. */
interface KeptCapture {
  readonly at: Nanos;
  readonly number: number;
  readonly point: string;
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly comments: readonly string[];
}

/** Keeps the last frames of captures. */
export class KeptFrames {
  total = 0;
  readonly #kept: KeptCapture[] = [];
  #octets = 0;

  /** `point` is where it was captured, `comments` what is found of it. */
  add(
    { bytes, captured, linkType, start }: FrameRecord,
    number: number,
    at: Nanos,
    point: string,
    comments: readonly string[],
  ): void {
    if (linkType !== LinkType.Ethernet || captured < ETHERNET_HEADER) return;
    this.total++;
    const octets = new Uint8Array(bytes.subarray(start, start + captured));
    this.#kept.push({ at, number, point, octets, comments });
    this.#octets += captured;
    while (this.#kept.length > FRAME_LIMIT || this.#octets > OCTET_LIMIT) {
      this.#octets -= this.#kept.shift()?.octets.length ?? 0;
    }
  }

  /** In the order of time; sequence numbers have no gap. */
  rows(nameOf: (mac: string) => string): LadderRow[] {
    const first = this.total - this.#kept.length + 1;
    return this.#sorted().map(({ at, comments, number, octets, point }, index): LadderRow => {
      const view = new DataView(octets.buffer);
      const to = macAt(view, 0);
      const receiver = nameOf(formatNumber(to));
      const sender = nameOf(formatNumber(macAt(view, 6)));
      const arrival = { machine: receiver, port: receiver, at, taken: true };
      const frame = new Frame(octets, view, 0, octets.length, number);
      const note = [`frame ${number} at ${point}`, ...comments].join('; ');
      const packet = { packet: number, parent: null, drops: [], length: octets.length };
      const isGroup = to === BROADCAST || (Math.floor(to / 0x0100_0000_0000) & 1) === 1;
      const ends = { from: { machine: sender, port: sender }, to: isGroup ? [] : [arrival] };
      return { sequence: first + index, at, ...packet, ...ends, text: describe(frame), note };
    });
  }

  /** The octets of the rows, one after the other. */
  octets(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#octets);
    let at = 0;
    for (const { octets } of this.#sorted()) {
      all.set(octets, at);
      at += octets.length;
    }
    return all;
  }

  #sorted(): KeptCapture[] {
    return this.#kept.sort((a, b) => a.at - b.at || a.number - b.number);
  }
}

function macAt(view: DataView, at: number): number {
  return view.getUint16(at) * 0x1_0000_0000 + view.getUint32(at + 2);
}
