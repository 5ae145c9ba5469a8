// Whoever talks TCP to the host must acknowledge a sequence number that the host has drawn. A step that
// `follows` carries a number relative to it; here it becomes absolute, once per side.

import type { Step } from './case.ts';
import { fromHex } from './case.ts';
import { layout } from './layout.ts';

const SYN = 0x02;
const ACK = 0x10;

export class Follower {
  /** 'from:port>to:port' of the host's half → its initial sequence number. */
  readonly initial: Map<string, number> = new Map();

  /** Looks at a frame that came out of the host. */
  observe(octets: Uint8Array): void {
    const at = layout(octets);
    if (at === null || at.protocol !== 6 || at.l4 + 14 > octets.length) return;
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    if ((view.getUint8(at.l4 + 13) & (SYN | ACK)) !== (SYN | ACK)) return;
    this.initial.set(flow(view, at.l3, at.l4, false), view.getUint32(at.l4 + 4));
  }

  /** The octets of a step as this side's host is to see them. */
  resolve(step: Step): Uint8Array {
    const octets = fromHex(step.frame);
    const at = step.follows === true ? layout(octets) : null;
    if (at === null || at.protocol !== 6 || at.l4 + 20 > octets.length) return octets;
    const view = new DataView(octets.buffer);
    const initial = this.initial.get(flow(view, at.l3, at.l4, true)) ?? 0;
    const before = view.getUint32(at.l4 + 8);
    const after = (before + initial) >>> 0;
    view.setUint32(at.l4 + 8, after);
    patch(view, at.l4 + 16, before >>> 16, after >>> 16);
    patch(view, at.l4 + 16, before & 0xffff, after & 0xffff);
    return octets;
  }
}

function flow(view: DataView, l3: number, l4: number, reversed: boolean): string {
  const source = `${view.getUint32(l3 + 12)}:${view.getUint16(l4)}`;
  const destination = `${view.getUint32(l3 + 16)}:${view.getUint16(l4 + 2)}`;
  return reversed ? `${destination}>${source}` : `${source}>${destination}`;
}

/** RFC 1624: a wrong checksum stays as wrong as it was. */
function patch(view: DataView, at: number, before: number, after: number): void {
  let sum = (~view.getUint16(at) & 0xffff) + (~before & 0xffff) + after;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(at, ~sum & 0xffff);
}
