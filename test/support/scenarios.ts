// The labs that come along, run in memory: the report, and the capture file as octets.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Capture } from '../../src/capture/capture.ts';
import { pcapng } from '../../src/capture/formats/pcapng.ts';
import { MemoryByteSink } from '../../src/capture/memory-byte-sink.ts';
import { shippedTopologies } from '../../src/platform/shipped-topologies.ts';
import { metadataOf } from '../../src/scenario/captures.ts';
import type { RunReport } from '../../src/scenario/report.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { parseTopology, topologyFromObject } from '../../src/topology/parse.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { describe } from '../../src/wire/describe.ts';
import { FrameArena } from '../../src/wire/frame.ts';
import { type PcapngPacket, readPcapng } from './pcapng.ts';

export interface Scenario {
  readonly name: string;
  readonly text: string;
  /** @throws Error with all the problems of the file, so that one broken lab fails alone. */
  readonly load: () => Topology;
}

/** Every topologies/*.yaml that needs no kernel, by name. */
export function shippedScenarios(): Scenario[] {
  return shippedTopologies().flatMap(({ name, file }) => {
    const text = readFileSync(file, 'utf8');
    const label = `topologies/${basename(file)}`;
    const { topology } = parseTopology(text, { file: label });
    if (topology !== null && topology.attachments.length > 0) return [];
    return [{ name, text, load: () => topologyOf(text, label) }];
  });
}

/** @throws Error with all the problems of the text. */
export function topologyOf(text: string, file: string): Topology {
  return whole(parseTopology(text, { file }));
}

/** The same for a value built in code. */
export function topologyFrom(value: unknown, label: string): Topology {
  return whole(topologyFromObject(value, label));
}

function whole({ topology, diagnostics }: ReturnType<typeof parseTopology>): Topology {
  if (topology !== null) return topology;
  const list = diagnostics.map(({ position, message }) => `${position.line}: ${message}`);
  throw new Error(`not a topology:\n${list.join('\n')}`);
}

export interface MemoryRun {
  readonly report: RunReport;
  /** The capture file. */
  readonly capture: Uint8Array;
  readonly fileName: string;
}

/** Octets of a capture at all ports: one lab has hours of probes. */
const EVERYWHERE_LIMIT = 10_000_000;

/** Runs a scenario to its end, without a file and without a clock; `everywhere` gets a capture at all ports. */
export async function runInMemory(
  topology: Topology,
  options: { readonly seed?: number; readonly everywhere?: MemoryByteSink } = {},
): Promise<MemoryRun> {
  const sink = new MemoryByteSink();
  const { everywhere, ...choices } = options;
  let opened = '';
  let wide: Capture | null = null as Capture | null;
  const report = await runScenario(topology, {
    ...choices,
    recorder: {
      begin: (lab) => {
        if (everywhere === undefined) return;
        wide = lab.captureTo(pcapng.open(everywhere, metadataOf(lab)), '*');
      },
      look: () => {
        if ((everywhere?.length ?? 0) > EVERYWHERE_LIMIT) wide?.dispose();
      },
    },
    openCapture: ({ fileName }) => {
      opened = fileName;
      return { path: `captures/${fileName}`, sink };
    },
  });
  wide?.dispose();
  return { report, capture: sink.bytes(), fileName: opened };
}

/** '12.000500000 db/eth0 ARP, Request who-has …': one line for a packet, relative to `start`. */
export function packetLine(packet: PcapngPacket, start: bigint): string {
  const arena = new FrameArena();
  const frame = arena.allocate(packet.data.length);
  frame.bytes.set(packet.data, frame.start);
  const at = packet.nanos - start;
  const time = `${at / 1_000_000_000n}.${String(at % 1_000_000_000n).padStart(9, '0')}`;
  const comments = packet.comments.map((comment) => ` "${comment}"`).join('');
  return `${time} ${packet.interface} ${describe(frame)}${comments}`;
}

/** Where two capture files begin to differ, in words; null when they are equal. */
export function firstDifference(actual: Uint8Array, wanted: Uint8Array): string | null {
  if (Buffer.compare(actual, wanted) === 0) return null;
  const [now, before] = [readPcapng(actual).packets, readPcapng(wanted).packets];
  const start = (before[0] ?? now[0])?.nanos ?? 0n;
  const show = (packet: PcapngPacket | undefined): string =>
    packet === undefined ? 'nothing: the capture ends here' : packetLine(packet, start);
  const length = Math.max(now.length, before.length);
  for (let index = 0; index < length; index++) {
    const [a, b] = [now[index], before[index]];
    if (a !== undefined && b !== undefined && samePacket(a, b)) continue;
    const [is, was] = [show(a), show(b)];
    const hint = is === was ? '\n  (equal in words: its octets, flags or packet id differ)' : '';
    return `packet ${index + 1} differs\n  now    ${is}\n  golden ${was}${hint}`;
  }
  const offset = actual.findIndex((octet, index) => octet !== wanted[index]);
  return `all ${length} packets are the same; the files differ at octet ${offset} (names, statistics or the section header)`;
}

function samePacket(a: PcapngPacket, b: PcapngPacket): boolean {
  return (
    a.nanos === b.nanos &&
    a.interface === b.interface &&
    a.flags === b.flags &&
    a.packetId === b.packetId &&
    Buffer.compare(a.data, b.data) === 0 &&
    a.comments.join('\n') === b.comments.join('\n')
  );
}
