// tshark agrees on what is in the captures of the kernel: how many frames, when, how long, and what stands in the fields
// that `explain` goes by. All files that can be appended to one another are read by one tshark.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CaptureListener, FrameRecord } from '../../src/capture/reading/record.ts';
import { formatNumber } from '../../src/explain/arp-watch.ts';
import { AddressBook, SeenPacket } from '../../src/explain/packet.ts';
import { Sight } from '../../src/explain/sight.ts';
import { openCapture } from '../../src/platform/capture-file.ts';
import { formatIpv4, type Ipv4Address } from '../../src/wire/ipv4-address.ts';
import { EtherType, IpProtocol } from '../../src/wire/numbers.ts';
import { requireTools, run } from '../support/tools.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/captures');
const FIELDS = [
  'frame.time_epoch',
  'frame.len',
  'frame.cap_len',
  'eth.src',
  'eth.dst',
  'vlan.id',
  'arp.opcode',
  'arp.src.hw_mac',
  'arp.src.proto_ipv4',
  'arp.dst.proto_ipv4',
  'ip.src',
  'ip.dst',
  'ip.id',
  'ip.ttl',
  'ip.proto',
  'tcp.srcport',
  'tcp.seq_raw',
  'tcp.ack_raw',
  'udp.dstport',
  'icmp.type',
] as const;

/** mergecap refuses sections of several clocks, and reads a cut file no further. */
const ALONE = new Set(['sections.pcapng', 'mac-move-truncated.pcap']);
const tools = requireTools('tshark', 'mergecap');
const directory = mkdtempSync(join(tmpdir(), 'egresslab-tshark-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The rows of one file as tshark would print them. */
class Rows implements CaptureListener {
  readonly rows: string[] = [];
  readonly #sight = new Sight();
  readonly #packet = new SeenPacket();
  readonly #addresses = new AddressBook();

  frame(record: FrameRecord): void {
    const values: Record<string, string> = {
      'frame.time_epoch': record.timed
        ? `${record.seconds}.${String(record.nanos).padStart(9, '0')}`
        : 'no time',
      'frame.len': `${record.original}`,
      'frame.cap_len': `${record.captured}`,
    };
    const sight = this.#sight;
    if (sight.read(record, 0, record.number, 0)) this.#network(values);
    this.rows.push(FIELDS.map((field) => values[field] ?? '').join('|'));
  }

  #network(values: Record<string, string>): void {
    const { destination, domain, end, etherType, l3, source, view } = this.#sight;
    if (destination >= 0) {
      values['eth.src'] = formatNumber(source);
      values['eth.dst'] = formatNumber(destination);
    }
    // Provider tags (88a8.100) have a field of their own.
    values['vlan.id'] = domain.text.split('/').find((tag) => !tag.includes('.')) ?? '';
    const ip = (at: number): string => formatIpv4(view.getUint32(at) as Ipv4Address);
    if (etherType === EtherType.Arp) {
      values['arp.opcode'] = `${view.getUint16(l3 + 6)}`;
      const mac = view.getUint16(l3 + 8) * 0x1_0000_0000 + view.getUint32(l3 + 10);
      values['arp.src.hw_mac'] = formatNumber(mac);
      values['arp.src.proto_ipv4'] = ip(l3 + 14);
      values['arp.dst.proto_ipv4'] = ip(l3 + 24);
      return;
    }
    const packet = this.#packet;
    if (etherType !== EtherType.Ipv4 || !packet.read(this.#sight, this.#addresses)) return;
    const { l4 } = packet;
    values['ip.src'] = formatIpv4(packet.source as Ipv4Address);
    values['ip.dst'] = formatIpv4(packet.destination as Ipv4Address);
    values['ip.id'] = `0x${packet.identification.toString(16).padStart(4, '0')}`;
    values['ip.ttl'] = `${packet.ttl}`;
    values['ip.proto'] = `${packet.protocol}`;
    if (l4 < 0) return;
    if (packet.protocol === IpProtocol.Tcp) {
      values['tcp.srcport'] = `${view.getUint16(l4)}`;
      values['tcp.seq_raw'] = `${view.getUint32(l4 + 4)}`;
      if (l4 + 12 <= end) values['tcp.ack_raw'] = `${view.getUint32(l4 + 8)}`;
    }
    if (packet.protocol === IpProtocol.Udp) values['udp.dstport'] = `${view.getUint16(l4 + 2)}`;
    if (packet.protocol === IpProtocol.Icmp) values['icmp.type'] = `${view.getUint8(l4)}`;
  }

  interface(): void {}

  name(): void {}

  notice(): void {}
}

async function ours(...files: readonly string[]): Promise<string[]> {
  const rows: string[] = [];
  for (const file of files) {
    const listener = new Rows();
    const source = openCapture(file, FOLDER, listener);
    while (await source.next());
    source.close();
    for (const row of listener.rows) rows.push(row);
  }
  return rows;
}

function theirs(file: string): string[] {
  const fields = FIELDS.flatMap((field) => ['-e', field]);
  const options = ['-T', 'fields', '-E', 'separator=|', '-E', 'occurrence=f', ...fields];
  // A cut file ends with status 2 after its whole frames.
  const { stdout } = spawnSync('tshark', ['-n', '-r', file, ...options], { encoding: 'utf8' });
  // Of an ICMP error tshark also prints the ports of the packet inside.
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((row) => row.replace(/(\|1)(?:\|[^|]*){4}(\|\d+)$/, '$1||||$2'));
}

describe.skipIf(tools.skip)(`tshark reads the same${tools.remark}`, () => {
  test('in all captures that can be appended to one another', async () => {
    const files = readdirSync(FOLDER)
      .filter((name) => !name.endsWith('.json') && !ALONE.has(name))
      .sort();
    const all = join(directory, 'all.pcapng');
    run('mergecap', '-a', '-F', 'pcapng', '-w', all, ...files.map((name) => join(FOLDER, name)));
    const rows = await ours(...files);
    expect(rows.length).toBeGreaterThan(6_000);
    expect(rows).toEqual(theirs(all));
  });

  test('in one that was cut', async () => {
    const rows = await ours('mac-move-truncated.pcap');
    expect(rows).toEqual(theirs(join(FOLDER, 'mac-move-truncated.pcap')));
  });

  test('in sections of several byte orders and clocks; packets without a time have none', async () => {
    const rows = await ours('sections.pcapng');
    // tshark counts a custom block as a frame.
    const packets = theirs(join(FOLDER, 'sections.pcapng')).filter(
      (row) => !/^[|\d]+\|{9}$/.test(row),
    );
    expect(rows.map((row) => row.replace('no time', ''))).toEqual(packets);
  });
});
