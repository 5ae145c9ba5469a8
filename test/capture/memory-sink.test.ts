import { describe, expect, test } from 'vitest';
import { CountingByteSink } from '../../src/capture/counting-byte-sink.ts';
import { MemoryByteSink } from '../../src/capture/memory-byte-sink.ts';
import { MemorySink } from '../../src/capture/memory-sink.ts';
import { anyFrame, UPLINK } from '../contract/capture-format.ts';

describe('MemorySink', () => {
  test('finds frames by interface, time and packet', () => {
    const sink = new MemorySink();
    const first = sink.addInterface(UPLINK);
    const second = sink.addInterface({ ...UPLINK, name: 'db/eth0' });
    const frame = anyFrame();
    frame.packetId = 42;
    sink.frame(first, 10, frame, 'out', []);
    sink.frame(second, 20, frame, 'in', []);
    sink.frame(second, 30, anyFrame(), 'in', []);
    expect(sink.on('db/eth0').map((seen) => seen.at)).toEqual([20, 30]);
    expect(sink.on('nobody')).toEqual([]);
    expect(sink.between(10, 20).map((seen) => seen.at)).toEqual([10]);
    expect(sink.path(42).map((seen) => seen.interface)).toEqual(['worker02/enp1s0', 'db/eth0']);
    expect(sink.lines()[0]).toBe(
      'IP 192.168.50.10 > 192.168.50.120: ICMP echo request, id 1, seq 1, length 64',
    );
    sink.clear();
    expect(sink.frames).toEqual([]);
  });

  test('keeps no more than its limit and counts the rest', () => {
    const sink = new MemorySink(2);
    sink.addInterface(UPLINK);
    for (let at = 0; at < 5; at++) sink.frame(0, at, anyFrame(), 'in', []);
    expect([sink.frames.length, sink.missed]).toEqual([2, 3]);
  });

  test('keeps a sealed frame by reference', () => {
    const sink = new MemorySink();
    sink.addInterface(UPLINK);
    const frame = anyFrame();
    sink.frame(0, 0, frame, 'in', []);
    expect(sink.frames[0]?.frame).toBe(frame);
  });
});

describe('byte sinks', () => {
  test('memory copies a chunk, whose octets are valid during the call only', () => {
    const sink = new MemoryByteSink();
    const chunk = new Uint8Array([1, 2]);
    sink.write(chunk);
    chunk.fill(9);
    sink.write(chunk);
    expect([...sink.bytes()]).toEqual([1, 2, 9, 9]);
    expect(sink.length).toBe(4);
  });

  test('counting counts and passes on', () => {
    const memory = new MemoryByteSink();
    const sink = new CountingByteSink(memory);
    sink.write(new Uint8Array(3));
    sink.close();
    expect([sink.length, memory.length, memory.closed]).toEqual([3, 3, true]);
  });
});
