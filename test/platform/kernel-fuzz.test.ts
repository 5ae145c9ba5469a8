// What the kernel's side may send: anything. Frames and virtio headers of all kinds come in through a
// real descriptor, into a lab with a switch, an impaired cable, a router with SNAT, a cluster node and
// captures: nothing throws, and what is wrong is counted.
//
// A socket without PACKET_VNET_HDR is read as if it had one: so every octet of the header is the
// sender's, which a kernel would not let through.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttachmentProvider } from '../../src/lab/attachment.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import type { DescriptorDevice } from '../../src/platform/descriptor-device.ts';
import { DescriptorPort } from '../../src/platform/descriptor-port.ts';
import { interfaceIndex } from '../../src/platform/linux/interface-request.ts';
import { Flags, libc } from '../../src/platform/linux/libc.ts';
import { LITTLE_ENDIAN, NativeMemory } from '../../src/platform/linux/native-memory.ts';
import { withinNamespace } from '../../src/platform/linux/network-namespace.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import { ip, requireKernel, Sandbox } from '../support/kernel.ts';

const { skip, remark } = requireKernel();
const [AF_PACKET, SOCK_RAW] = [17, 3];

const LAB = `name: fuzz
segments: { lan: { subnet: 10.7.7.0/24 }, out: { subnet: 10.7.8.0/24, latency: 50us, jitter: 10us } }
hosts:
  router:
    interfaces:
      l: { segment: lan, address: 10.7.7.1/24, mac: 02:00:00:00:00:01 }
      o: { segment: out, address: 10.7.8.1/24, snat: masquerade }
    forwarding: true
    services: [{ tcp: 80, app: whoami }, { udp: 7, app: echo }]
  far:
    interfaces: { eth0: { segment: out, address: 10.7.8.2/24 } }
    services: [{ tcp: 80, app: whoami }, { udp: 7, app: echo }]
cluster:
  sdn: openshift-sdn
  segment: lan
  clusterNetwork: 10.128.0.0/14
  nodes:
    master: { role: master, address: 10.7.7.10, subnet: 10.128.0.0/23, mac: 02:00:00:00:00:02 }
  namespaces: { shop: { netid: 77 } }
  pods: { web: { namespace: shop, node: master } }
attach: [{ packet: v0, segment: lan }]
`;

/** A socket that hears and says everything on one interface. */
function packetSocket(netns: string, name: string): number {
  return withinNamespace(netns, () => {
    const descriptor = libc().socket(AF_PACKET, SOCK_RAW | Flags.NonBlocking, 0);
    const address = new NativeMemory(20);
    address.view.setUint16(0, AF_PACKET, LITTLE_ENDIAN);
    address.view.setUint16(2, 3);
    address.view.setInt32(4, interfaceIndex(descriptor, name), LITTLE_ENDIAN);
    expect(libc().bind(descriptor, address.address, 20)).toBe(0);
    return descriptor;
  });
}

const octet = fc.nat(255);
const header = fc.oneof(
  fc.constant([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  // A TCP segment to be cut, with sizes and offsets near the right ones.
  fc
    .tuple(
      fc.nat(2),
      fc.constantFrom(0, 1, 3, 4, 0x81),
      fc.nat(300),
      fc.integer({ min: 30, max: 40 }),
      fc.constantFrom(16, 6, 0),
    )
    .map(([flags, type, size, start, offset]) => [
      flags,
      type,
      54,
      0,
      size & 255,
      size >> 8,
      start,
      0,
      offset,
      0,
    ]),
  fc.array(octet, { minLength: 10, maxLength: 10 }),
);

/** Ethernet, IPv4 and the beginning of a transport header, as the router would take it. */
function packet(protocol: number, to: readonly number[], payload: readonly number[]): number[] {
  const length = 20 + payload.length;
  const ipv4 = [
    0x45,
    0,
    length >> 8,
    length & 255,
    0,
    1,
    0x40,
    0,
    64,
    protocol,
    0,
    0,
    10,
    7,
    7,
    9,
    ...to,
  ];
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += ((ipv4[i] ?? 0) << 8) + (ipv4[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  ipv4[10] = (~sum >> 8) & 255;
  ipv4[11] = ~sum & 255;
  const ethernet = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 0];
  return [...ethernet, ...ipv4, ...payload];
}

const transport = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(0x50, 0x60, 0x80, 0xf0, 0x10),
      octet,
      fc.array(octet, { maxLength: 400 }),
    )
    .map(([offset, flags, data]) => [
      0x9c,
      0x40,
      0,
      80,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      0,
      offset,
      flags,
      2,
      0,
      0,
      0,
      0,
      0,
      ...data,
    ]),
  fc.array(octet, { maxLength: 200 }),
);
const destination = fc.constantFrom(
  [10, 7, 7, 1],
  [10, 7, 8, 2],
  [10, 7, 7, 10],
  [255, 255, 255, 255],
  [10, 9, 9, 9],
);
const frame = fc.oneof(
  fc
    .tuple(fc.constantFrom(6, 17, 1, 132), destination, transport)
    .map(([p, to, data]) => packet(p, to, data)),
  // The same with one octet changed, or cut short.
  fc
    .tuple(fc.constantFrom(6, 17, 1), destination, transport, fc.nat(60), octet, fc.nat(80))
    .map(([p, to, data, at, value, cut]) => {
      const octets = packet(p, to, data);
      octets[at % octets.length] = value;
      return octets.slice(0, Math.max(4, octets.length - cut));
    }),
  fc.array(octet, { minLength: 4, maxLength: 300 }),
);

describe.skipIf(skip)(`frames from the kernel's side${remark}`, () => {
  const sandbox = new Sandbox();
  let near = -1;
  let far = -1;
  beforeAll(() => {
    const netns = sandbox.addNamespace('fuzz');
    ip('-n', netns, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
    for (const name of ['v0', 'v1']) {
      ip('-n', netns, 'link', 'set', name, 'mtu', '9000', 'up');
    }
    near = packetSocket(netns, 'v0');
    far = packetSocket(netns, 'v1');
  });
  afterAll(async () => {
    libc().close(near);
    libc().close(far);
    await sandbox.dispose();
  });

  /** A lab whose attachment reads `near` with or without a virtio header. */
  function fuzzed(hasVirtioHeader: boolean): { lab: Lab; port: DescriptorPort } {
    const { topology } = parseTopology(LAB, { file: 'fuzz.yaml' });
    if (topology === null) throw new Error('the lab is sound');
    const opened: DescriptorPort[] = [];
    const attachments: AttachmentProvider = {
      open: (site) => {
        const device: DescriptorDevice = {
          descriptor: near,
          isLayer3: false,
          hasVirtioHeader,
          mtu: 9000,
          details: '',
          inspect: () => ({ kind: 'up', name: 'v0', mtu: 9000 }),
          setCarrier: () => {},
          close: () => {},
        };
        const port = new DescriptorPort(site, device, () => {});
        opened.push(port);
        return port;
      },
    };
    const lab = createLab(topology, { attachments });
    lab.capture('*', 'drops');
    const [port] = opened;
    if (port === undefined) throw new Error('there is one attachment');
    return { lab, port };
  }

  const memory = new NativeMemory(16_384);
  function send(octets: readonly number[]): void {
    memory.bytes.set(octets);
    libc().write(far, memory.address, octets.length);
  }

  test.each([
    ['with a lying virtio header', true],
    ['without one', false],
  ])(
    'never throw %s',
    (_how, hasVirtioHeader) => {
      const { lab, port } = fuzzed(hasVirtioHeader);
      let sent = 0;
      fc.assert(
        fc.property(
          fc.array(fc.tuple(header, frame), { minLength: 1, maxLength: 20 }),
          (frames) => {
            for (const [head, octets] of frames) {
              send(hasVirtioHeader ? [...head, ...octets] : octets);
              sent++;
            }
            while (port.burst());
            lab.advance('1ms');
          },
        ),
        { numRuns: 300 },
      );
      const counts = new Map(lab.drops().flatMap((drops) => drops.entries()));
      expect(sent).toBeGreaterThan(1000);
      expect(lab.attachments.get('v0')?.port.txFrames).toBeGreaterThan(100);
      expect(counts.get('malformed-ipv4') ?? 0).toBeGreaterThan(0);
      if (hasVirtioHeader) expect(counts.get('bad-virtio-header') ?? 0).toBeGreaterThan(10);
    },
    60_000,
  );

  test('runts and frames beyond the MTU are counted', () => {
    const { lab, port } = fuzzed(true);
    send([...new Array<number>(10).fill(0), 1, 2, 3, 4, 5]);
    send([
      ...new Array<number>(10).fill(0),
      ...packet(17, [10, 7, 7, 1], new Array<number>(8900).fill(0)),
    ]);
    while (port.burst());
    lab.advance('1ms');
    const kernel = lab.drops().find(({ device }) => device === 'kernel');
    expect(kernel?.entries().map(([reason]) => reason)).toContain('runt-frame');
    const counter = lab.attachments.get('v0')?.port.txFrames;
    expect(counter).toBe(1);
  });
});
