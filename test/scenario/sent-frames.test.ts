// `send` with every kind of frame, as it crosses the wire.

import { describe, expect, test } from 'vitest';
import { parseTopology } from '../../src/topology/parse.ts';
import { readPcapng } from '../support/pcapng.ts';
import { packetLine, runInMemory, topologyOf } from '../support/scenarios.ts';

const LAB = `name: lab
segments: { lan: { subnet: 10.0.0.0/24, latency: 100us } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1, mac: "02:00:00:00:00:01" } } }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2, mac: "02:00:00:00:00:02" } } }
capture: [b/eth0]
scenario:
  duration: 2s
  steps:
`;

/** What crosses b/eth0, without times and names. */
async function wire(step: string): Promise<string[]> {
  const { capture } = await runInMemory(topologyOf(`${LAB}    - ${step}\n`, 'lab.yaml'));
  const { packets } = readPcapng(capture);
  const start = packets[0]?.nanos ?? 0n;
  return packets.map((packet) => packetLine(packet, start).replace(/^\S+ \S+ /, ''));
}

function problems(step: string): string[] {
  const { diagnostics } = parseTopology(`${LAB}    - ${step}\n`, { file: 'lab.yaml' });
  return diagnostics.map(({ message }) => message);
}

describe('a packet', () => {
  test('of TCP has its flags and numbers, is sent to what ARP finds, and is answered', async () => {
    const lines = await wire(
      '{ at: 1s, send: { ip: { to: b, ttl: 7 }, tcp: { from: 4000, to: 80, flags: syn, sequence: 100 } }, from: a, comment: knock }',
    );
    expect(lines[0]).toContain('who-has 10.0.0.2');
    expect(lines[2]).toMatch(
      /10\.0\.0\.1\.4000 > 10\.0\.0\.2\.80: Flags \[S\], seq 100.* "egresslab: knock"$/,
    );
    // Nobody listens there: the kernel answers a SYN with RST, ACK.
    expect(lines[3]).toMatch(/10\.0\.0\.2\.80 > 10\.0\.0\.1\.4000: Flags \[R\.\], seq 0, ack 101/);
  });

  test('of UDP and ICMP is right to the checksum: the other end answers', async () => {
    const udp = await wire(
      '{ at: 1s, send: { ip: { to: b }, udp: { from: 4000, to: 53 }, data: hello }, from: a }',
    );
    expect(udp[3]).toContain('port unreachable, for UDP 10.0.0.1.4000 > 10.0.0.2.53');
    const echo = await wire(
      '{ at: 1s, send: { ip: { to: b }, icmp: { type: echo-request, id: 7, sequence: 3 } }, from: a, count: 2, interval: 100ms }',
    );
    const replies = echo.filter((line) => line.includes('echo reply, id 7, seq 3'));
    expect(replies).toHaveLength(2);
  });

  test('with a MAC address goes there, from wherever it says', async () => {
    const lines = await wire(
      '{ at: 1s, send: { ethernet: { from: "02:00:00:00:00:99", to: b }, ip: { from: 192.0.2.1, to: b, protocol: 99 }, data: x }, from: a }',
    );
    expect(lines[0]).toContain('192.0.2.1 > 10.0.0.2');
  });
});

test('octets are sent as they are', async () => {
  const lines = await wire(
    '{ at: 1s, send: { hex: "ff:ff:ff:ff:ff:ff 020000000001 0806 0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002" }, from: a }',
  );
  expect(lines[0]).toContain('who-has 10.0.0.2 tell 10.0.0.1');
  expect(lines[1]).toContain('10.0.0.2 is-at 02:00:00:00:00:02');
});

test.each([
  ['{ }', 'this sends nothing'],
  ['{ tcp: { from: 1, to: 2 } }', '"tcp" needs "ip"'],
  ['{ ip: { to: b } }', 'this packet has no protocol'],
  ['{ ip: { to: c }, udp: { from: 1, to: 2 } }', 'there is no pod, host or node "c"'],
  [
    '{ ip: { to: b }, udp: { from: 1, to: 2 }, icmp: { type: 8 } }',
    'udp and icmp cannot be combined',
  ],
  ['{ arp: { targetIp: 10.0.0.2 }, hex: "00" }', 'expected a frame of 14 to 65549 octets'],
  ['{ hex: "0g" }', 'expected pairs of hexadecimal digits'],
])('%s is refused', (frame, message) => {
  expect(problems(`{ at: 1s, send: ${frame}, from: a }`)[0]).toContain(message);
});
