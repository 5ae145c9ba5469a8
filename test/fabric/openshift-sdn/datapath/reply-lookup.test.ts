// `ct_state=+rpl` on br0: what answers a connection that this node has seen begin.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isReply } from '../../../../src/fabric/openshift-sdn/datapath/reply-lookup.ts';
import { Netfilter } from '../../../../src/nat/netfilter.ts';
import type { Frame } from '../../../../src/wire/frame.ts';
import * as ipv4 from '../../../../src/wire/ipv4.ts';
import { hostileOctets } from '../../../support/arbitraries.ts';
import { echoFrame, frameOf, ip, L3, tcpFrame, udpFrame } from '../../../support/frames.ts';
import { withHeader } from '../../../support/injection.ts';
import { Lan } from '../../../support/lan.ts';

/** A has sent a datagram from 10.0.0.1:5000 to 10.0.0.2:53, and pinged it. */
function node() {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  const { conntrack } = new Netfilter(a, lan.events);
  b.udp.bind({ port: 53 }, { onDatagram: () => {} });
  const socket = a.udp.bind({ port: 5000 }, { onDatagram: () => {} });
  socket.sendTo(ip('10.0.0.2'), 53, new Uint8Array(4));
  lan.ping(a, '10.0.0.2');
  lan.run(1);
  const answers = (frame: Frame): boolean =>
    isReply(conntrack, frame, frame.start + L3, lan.scheduler.now);
  return { lan, conntrack, answers };
}

const ENDS = { source: ip('10.0.0.2'), destination: ip('10.0.0.1') };
const BACK = { source: ENDS.destination, destination: ENDS.source };
const answer = (): Frame => udpFrame(53, 5000, new Uint8Array(4), ENDS);

describe('a packet', () => {
  test('that comes back is a reply, one that goes the same way is none', () => {
    const { answers } = node();
    expect(answers(answer())).toBe(true);
    expect(answers(udpFrame(5000, 53, new Uint8Array(4), BACK))).toBe(false);
  });

  test.each<readonly [string, Frame]>([
    ['from another port', udpFrame(54, 5000, new Uint8Array(4), ENDS)],
    ['to another port', udpFrame(53, 5001, new Uint8Array(4), ENDS)],
    [
      'from another host',
      udpFrame(53, 5000, new Uint8Array(4), { ...ENDS, source: ip('10.0.0.3') }),
    ],
    [
      'of another protocol',
      tcpFrame(
        { sourcePort: 53, destinationPort: 5000, sequenceNumber: 1, flags: 2 },
        new Uint8Array(),
        ENDS,
      ),
    ],
    ['that is ICMP, though the ping is known', echoFrame(0, 1, 1, new Uint8Array(56), ENDS)],
    [
      'that is a later fragment, whatever its first octets are',
      withHeader(answer(), (each, l3) => ipv4.setFragment(each, l3, 8, false, false)),
    ],
  ])('is none %s', (_name, frame) => {
    expect(node().answers(frame)).toBe(false);
  });

  test('is one as long as the connection is known', () => {
    const { lan, conntrack, answers } = node();
    lan.run(28);
    expect(answers(answer())).toBe(true);
    lan.run(2);
    expect(answers(answer()), 'nf_conntrack_udp_timeout').toBe(false);
    conntrack.flush();
    expect(node().answers(answer())).toBe(true);
  });

  test('that is cut off before its ports is none, wherever it is cut', () => {
    const { answers } = node();
    const whole = answer().length;
    for (let length = L3 + ipv4.HEADER_LENGTH; length <= whole; length++) {
      // The octets behind it are there, as they may be in any memory.
      const frame = answer();
      frame.length = length;
      expect(answers(frame)).toBe(length >= L3 + ipv4.HEADER_LENGTH + 4);
    }
  });

  test('of whatever octets behind a sound header breaks nothing', () => {
    const { answers } = node();
    fc.assert(
      fc.property(hostileOctets, (octets) => {
        const frame = frameOf(octets);
        const at = frame.start + L3;
        if (octets.length < L3 || ipv4.check(frame, at) !== null) return;
        expect(answers(frame)).toBe(false);
      }),
    );
  });
});
