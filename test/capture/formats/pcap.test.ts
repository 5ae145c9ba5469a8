import { describe, expect, test } from 'vitest';
import { pcap } from '../../../src/capture/formats/pcap.ts';
import { MemoryByteSink } from '../../../src/capture/memory-byte-sink.ts';
import { seconds } from '../../../src/sim/time.ts';
import {
  anyFrame,
  captureFormatContract,
  METADATA,
  UPLINK,
} from '../../contract/capture-format.ts';
import { hex } from '../../support/frames.ts';

interface PcapPacket {
  readonly seconds: number;
  readonly nanos: number;
  readonly data: Uint8Array;
}

/** @throws Error when cut in the middle. */
function readPcap(file: Uint8Array): PcapPacket[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (view.getUint32(0, true) !== 0xa1b2_3c4d) throw new Error('not a nanosecond pcap');
  const packets: PcapPacket[] = [];
  let at = 24;
  while (at < file.length) {
    const length = view.getUint32(at + 8, true);
    if (view.getUint32(at + 12, true) !== length) throw new Error('a frame was cut');
    if (at + 16 + length > file.length) throw new Error('cut in the middle');
    packets.push({
      seconds: view.getUint32(at, true),
      nanos: view.getUint32(at + 4, true),
      data: file.subarray(at + 16, at + 16 + length),
    });
    at += 16 + length;
  }
  return packets;
}

captureFormatContract(pcap, (octets) => readPcap(octets).length >= 0);

describe('pcap', () => {
  test('the file header says nanoseconds and Ethernet', () => {
    const out = new MemoryByteSink();
    pcap.open(out, METADATA).close(0);
    expect(hex(out.bytes())).toBe('4d3cb2a1020004000000000065676c000000040001000000');
  });

  test('frames of all interfaces come in order, with their stamps', () => {
    const out = new MemoryByteSink();
    const sink = pcap.open(out, { ...METADATA, epoch: { seconds: 100, nanos: 999_999_999 } });
    sink.addInterface(UPLINK);
    sink.addInterface({ ...UPLINK, name: 'b/eth0' });
    sink.frame(0, 0, anyFrame(), 'in', []);
    sink.frame(1, seconds(2) + 1, anyFrame(0), 'out', ['lost in this format']);
    sink.close(seconds(3));
    expect(readPcap(out.bytes())).toEqual([
      { seconds: 100, nanos: 999_999_999, data: anyFrame().toBytes() },
      { seconds: 103, nanos: 0, data: anyFrame(0).toBytes() },
    ]);
  });
});
