import { describe, expect, test } from 'vitest';
import { text } from '../../../src/capture/formats/text.ts';
import { MemoryByteSink } from '../../../src/capture/memory-byte-sink.ts';
import * as arp from '../../../src/wire/arp.ts';
import { ZERO_MAC } from '../../../src/wire/mac-address.ts';
import {
  anyFrame,
  captureFormatContract,
  METADATA,
  UPLINK,
} from '../../contract/capture-format.ts';
import { arpFrame, IP_B, ip, MAC_A } from '../../support/frames.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

captureFormatContract(text, (octets) => octets.length > 0 && octets.at(-1) === 0x0a);

describe('text', () => {
  test('a capture reads like a log', () => {
    const out = new MemoryByteSink();
    const names = [{ address: ip('192.168.50.120'), names: ['egress'] }];
    const sink = text.open(out, { ...METADATA, names });
    sink.addInterface(UPLINK);
    sink.addInterface({ name: 'drops', description: '', bitsPerSecond: null });
    const announcement = arpFrame(arp.Operation.Reply, MAC_A, IP_B, ZERO_MAC, IP_B);
    sink.frame(0, 2_003_000_000, announcement, 'out', ['egresslab: announce 1/2']);
    sink.frame(1, 12_000_000_001, anyFrame(), null, ['dropped: loss at lan/a', 'two\nlines']);
    sink.close(60_000_000_000);
    expect(`\n${decoder.decode(out.bytes())}`).toMatchInlineSnapshot(`
      "
      # egresslab 0.1.0, topology automatic, digest 1a2b3c4d, seed 7
      # reproduce with: npx egresslab run topologies/automatic.yaml --seed 7
      # interface worker02/enp1s0: uplink of worker02 on lan
      # interface drops
      # 192.168.50.120 is egress
          2.003000000 worker02/enp1s0 out 02:00:00:00:00:0a > ff:ff:ff:ff:ff:ff  ARP, Announcement 192.168.50.120 is-at 02:00:00:00:00:0a (reply)   # egresslab: announce 1/2
         12.000000001 drops               02:00:00:00:00:0a > 02:00:00:00:00:0b  IP 192.168.50.10 > 192.168.50.120: ICMP echo request, id 1, seq 1, length 64   # dropped: loss at lan/a; two lines
      # worker02/enp1s0: 1 frames until 60.000000000 s
      # drops: 1 frames until 60.000000000 s
      "
    `);
  });
});
