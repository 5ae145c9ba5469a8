import { expect, test } from 'vitest';
import { ip } from '../../support/frames.ts';
import { Lan } from '../../support/lan.ts';

const SILENT = { onReply: () => {}, onError: () => {} };

test('an echo request is as long as a packet can be, and no longer', () => {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  lan.host('B', '10.0.0.2/24');
  const log = lan.ping(a, '10.0.0.2', { size: 65_507 });
  lan.run(1);
  expect(log.replies).toMatchObject([{ size: 65_507 }]);
  const socket = a.icmp.openEcho(SILENT);
  expect(socket.send(ip('10.0.0.2'), 1, { size: 65_508 })).toBe('message-too-long');
  expect(socket.send(ip('10.0.0.2'), 1, { size: 1473, dontFragment: true })).toBe(
    'message-too-long',
  );
  expect(socket.send(ip('10.0.0.2'), 1, { size: 1472, dontFragment: true })).toBe(null);
});

test('a power failure ends ping sockets; closing one later does no harm to its successor', () => {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  lan.host('B', '10.0.0.2/24');
  const before = a.icmp.openEcho(SILENT, 7);
  a.powerOff();
  a.powerOn();
  const replies: number[] = [];
  const after = a.icmp.openEcho(
    { onReply: ({ sequence }) => replies.push(sequence), onError: () => {} },
    7,
  );
  expect(after.identifier).toBe(before.identifier);
  before.close();
  after.send(ip('10.0.0.2'), 3);
  lan.run(1);
  expect(replies).toEqual([3]);
});
