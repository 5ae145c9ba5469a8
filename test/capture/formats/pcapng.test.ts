import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pcapng } from '../../../src/capture/formats/pcapng.ts';
import { MemoryByteSink } from '../../../src/capture/memory-byte-sink.ts';
import type { CaptureMetadata, CaptureSink } from '../../../src/capture/sink.ts';
import { seconds } from '../../../src/sim/time.ts';
import {
  anyFrame,
  captureFormatContract,
  METADATA,
  UPLINK,
} from '../../contract/capture-format.ts';
import { frameOf, ip } from '../../support/frames.ts';
import { type PcapngFile, readPcapng } from '../../support/pcapng.ts';

const EPOCH = 1_589_011_200_000_000_000n;

captureFormatContract(pcapng, (octets) => readPcapng(octets).order.startsWith('S'));

function written(
  use: (sink: CaptureSink) => void,
  metadata: CaptureMetadata = METADATA,
): PcapngFile {
  const out = new MemoryByteSink();
  const sink = pcapng.open(out, metadata);
  use(sink);
  return readPcapng(out.bytes());
}

describe('pcapng', () => {
  test('blocks come in the order in which Wireshark reads them well', () => {
    const names = [{ address: ip('192.168.50.120'), names: ['egress-mywebserver', 'egress'] }];
    const file = written(
      (sink) => {
        sink.addInterface(UPLINK);
        sink.addInterface({ name: 'drops', description: '', bitsPerSecond: null });
        sink.frame(0, 1, anyFrame(), 'out', []);
        sink.frame(1, 1, anyFrame(), null, []);
        sink.close(2);
      },
      { ...METADATA, names },
    );
    expect(file.order).toBe('SIINPPTT');
    expect([...file.names]).toEqual([['192.168.50.120', ['egress-mywebserver', 'egress']]]);
  });

  test('the section says what the run was and how to get it again', () => {
    const { section } = written((sink) => sink.close(0));
    expect(section).toEqual({
      comments: [
        'topology automatic, digest 1a2b3c4d, seed 7',
        'reproduce with: npx egresslab run topologies/automatic.yaml --seed 7',
      ],
      hardware: 'virtual lab automatic',
      operatingSystem: 'virtual time; hosts behave like Linux',
      application: 'egresslab 0.1.0',
    });
  });

  test('an interface has its name, description, speed and nanoseconds', () => {
    const { interfaces } = written((sink) => {
      sink.addInterface(UPLINK);
      sink.addInterface({ name: 'drops', description: '', bitsPerSecond: null });
      sink.close(0);
    });
    expect(interfaces).toEqual([
      { ...UPLINK, linkType: 1, timestampResolution: 9 },
      {
        name: 'drops',
        description: null,
        bitsPerSecond: null,
        linkType: 1,
        timestampResolution: 9,
      },
    ]);
  });

  test('a packet has its octets, stamp, direction, comments and id', () => {
    const frame = anyFrame(57);
    frame.packetId = 2 ** 32 + 5;
    const { packets } = written((sink) => {
      sink.addInterface(UPLINK);
      sink.frame(0, 2_003_000_001, frame, 'out', ['egresslab: announce 1/2', 'more, in Zürich']);
      sink.frame(0, 2_003_000_002, frame, 'in', []);
      sink.frame(0, 2_003_000_003, frame, null, []);
      sink.close(seconds(3));
    });
    expect(packets[0]).toEqual({
      interface: 'worker02/enp1s0',
      nanos: EPOCH + 2_003_000_001n,
      data: frame.toBytes(),
      comments: ['egresslab: announce 1/2', 'more, in Zürich'],
      flags: 2,
      packetId: 2n ** 32n + 5n,
    });
    expect(packets.map((packet) => packet.flags)).toEqual([2, 1, null]);
  });

  test('frames and comments of every length come back', () => {
    const seen = fc.tuple(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(seen, { maxLength: 8 }), (frames) => {
        const { packets } = written((sink) => {
          sink.addInterface(UPLINK);
          for (const [octets, comments] of frames) {
            sink.frame(0, 0, frameOf(octets), 'in', comments);
          }
          sink.close(0);
        });
        expect(packets.map(({ data, comments }) => [data, comments])).toEqual(frames);
      }),
    );
  });

  test('statistics count each interface, at a flush only those with news', () => {
    const { order, statistics } = written((sink) => {
      sink.addInterface(UPLINK);
      sink.addInterface({ ...UPLINK, name: 'lan/db.eth0' });
      sink.frame(0, 1, anyFrame(), 'in', []);
      sink.flush(10);
      sink.frame(0, 11, anyFrame(), 'in', []);
      sink.frame(0, 12, anyFrame(), 'in', []);
      sink.close(20);
    });
    expect(order).toBe('SIIPTTPPT');
    expect(statistics.map((each) => [each.interface, each.received, each.end - EPOCH])).toEqual([
      ['worker02/enp1s0', 1n, 10n],
      ['lan/db.eth0', 0n, 10n],
      ['worker02/enp1s0', 3n, 20n],
    ]);
    for (const each of statistics) {
      expect([each.start, each.dropped, each.nanos]).toEqual([EPOCH, 0n, each.end]);
    }
  });

  test('an interface that appears during the run stands before its frames', () => {
    const { order, packets } = written((sink) => {
      sink.addInterface(UPLINK);
      sink.frame(0, 1, anyFrame(), 'in', []);
      const late = sink.addInterface({ ...UPLINK, name: 'late/eth0' });
      sink.frame(late, 2, anyFrame(), 'in', []);
      sink.close(3);
    });
    expect(order).toBe('SIPIPTT');
    expect(packets.map((packet) => packet.interface)).toEqual(['worker02/enp1s0', 'late/eth0']);
  });

  test('a comment beyond the 16 bits of its length is cut at a character', () => {
    const { packets } = written((sink) => {
      sink.addInterface(UPLINK);
      sink.frame(0, 1, anyFrame(), 'in', ['\u{1f980}'.repeat(20_000)]);
      sink.close(2);
    });
    expect(packets[0]?.comments[0]).toBe('\u{1f980}'.repeat(0xfff0 / 4));
  });
});
