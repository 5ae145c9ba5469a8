// Tags with VID 0, as measured on Linux 6.1 and 6.18 (and 22a of the layer 2 set): accepted and answered
// untagged; what is of a VLAN is for nobody.

import { expect, test } from 'vitest';
import { Lan, nic } from '../../support/lan.ts';

const QUESTION = '08060001080006040001 020000000001 0a000001 000000000000 0a000002';

test.each([
  ['untagged', '', 1],
  ['802.1Q, VID 0, priority 6', '8100c000', 1],
  ['802.1ad, VID 0', '88a80000', 1],
  ['two tags, both VID 0', '88a800008100e000', 1],
  ['802.1Q, VID 10', '8100000a', 0],
  ['VID 10 within VID 0', '810000008100000a', 0],
])('an ARP request, %s, has %i answer', (_name, tags, answers) => {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  const text = `ffffffffffff 020000000001 ${tags} ${QUESTION}`.replaceAll(' ', '');
  const octets = Buffer.from(text, 'hex');
  const frame = a.arena.allocate(octets.length + 18);
  frame.bytes.fill(0, frame.start, frame.end);
  frame.bytes.set(octets, frame.start);
  nic(a).transmit(frame);
  lan.run(1);
  const replies = lan.arps().filter((line) => line.startsWith('B > A 10.0.0.2 is-at'));
  expect(replies).toHaveLength(answers);
  expect(b.drops.of('unknown-ethertype')).toBe(1 - answers);
});

test('a frame that ends within its tag is dropped', () => {
  for (const hex of ['8100', '810000', '81000000', '8100000081000000']) {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.1/24');
    const b = lan.host('B', '10.0.0.2/24');
    const octets = Buffer.from(`020000000002020000000001${hex}`, 'hex');
    const frame = a.arena.allocate(octets.length);
    frame.bytes.set(octets, frame.start);
    nic(a).transmit(frame);
    lan.run(1);
    expect(b.drops.total, hex).toBe(1);
  }
});
