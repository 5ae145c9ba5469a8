// Which next hop of a reroute policy a packet takes: OVN makes a `select` group of them, and Open vSwitch
// picks a bucket by its own hash (dp_hash). Nothing is remembered: a changed list may move any flow.

import type { Frame } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import { IpProtocol } from '../../../wire/numbers.ts';
import * as ports from '../../../wire/ports.ts';
import type { DatapathType } from './port-choice.ts';

/** MAX(16, …) slots, dealt out among buckets of equal weight in turn (group_setup_dp_hash_table). */
const MINIMUM_SLOTS = 16;

/**
 * The index of the next hop among `count`. In the userspace datapath the hash is symmetric and leaves the
 * ports of UDP out (flow_hash_symmetric_l3l4): bit for bit what was measured. The kernel hashes the five
 * numbers of the flow with a seed of its own, so there only the spread is true.
 */
export function selectBucket(
  frame: Frame,
  l3: number,
  count: number,
  datapath: DatapathType,
): number {
  if (count < 2) return 0;
  const slots = Math.max(MINIMUM_SLOTS, 2 ** Math.ceil(Math.log2(count)));
  const hash = datapath === 'userspace' ? symmetricHash(frame, l3) : flowHash(frame, l3);
  return ((hash & (slots - 1)) >>> 0) % count;
}

/** flow_hash_symmetric_l3l4(flow, 0, inc_udp_ports=false), lib/flow.c, on a little-endian machine. */
export function symmetricHash(frame: Frame, l3: number): number {
  const protocol = ipv4.protocol(frame, l3);
  let hash = add(0, swap32(ipv4.source(frame, l3) ^ ipv4.destination(frame, l3)));
  hash = add(hash, protocol);
  const l4 = l3 + ipv4.headerLength(frame, l3);
  if (protocol === IpProtocol.Tcp && l4 + ports.LENGTH <= frame.end) {
    hash = add(hash, swap16(ports.sourcePort(frame, l4) ^ ports.destinationPort(frame, l4)));
  }
  return finish(hash);
}

/** For the kernel's way, and for the source port of a tunnel: even, and of the packet alone. */
export function flowHash(frame: Frame, l3: number): number {
  const protocol = ipv4.protocol(frame, l3);
  const l4 = l3 + ipv4.headerLength(frame, l3);
  const hasPorts = protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp;
  let hash = add(protocol, ipv4.source(frame, l3));
  hash = add(hash, ipv4.destination(frame, l3));
  if (hasPorts && l4 + ports.LENGTH <= frame.end) hash = add(hash, frame.view.getUint32(l4));
  return finish(hash);
}

/** mhash_add, lib/hash.h. */
function add(hash: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e_2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b87_3593);
  const folded = hash ^ mixed;
  return (Math.imul((folded << 13) | (folded >>> 19), 5) + 0xe654_6b64) | 0;
}

/** mhash_finish. */
function finish(hash: number): number {
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85eb_ca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

function swap32(word: number): number {
  return (word << 24) | ((word << 8) & 0xff_0000) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

function swap16(word: number): number {
  return ((word << 8) & 0xff00) | (word >>> 8);
}
