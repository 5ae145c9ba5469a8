// The iptables rules of a node, by what becomes of packets: N1 has pods behind int0 (10.1.0.0/24) and
// the egress IP 192.0.2.100 on ext0; S is a server outside.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EgressRules } from '../../../../src/fabric/openshift-sdn/datapath/egress-rules.ts';
import {
  fixedRules,
  installFixedRules,
} from '../../../../src/fabric/openshift-sdn/datapath/fixed-rules.ts';
import { HookPoint, HookPriority } from '../../../../src/stack/hooks.ts';
import { Verdict } from '../../../../src/stack/packet.ts';
import { formatIpv4, type Ipv4Address } from '../../../../src/wire/ipv4-address.ts';
import { NatTopology } from '../../../nat/nat-topology.ts';
import { ip } from '../../../support/frames.ts';
import { cidr, nic } from '../../../support/lan.ts';

const EIP = ip('192.0.2.100');
const OTHER = ip('192.0.2.101');
const MARK = 42;

function node(masqueradesInternal = true) {
  const lab = new NatTopology(null);
  lab.n1.addresses.add(nic(lab.n1, 'ext0'), cidr('192.0.2.101/32'));
  const cluster = cidr('10.1.0.0/24');
  const tun = nic(lab.n1, 'int0');
  const fixed = fixedRules({ clusterNetwork: cluster, tun: tun.name, blocksOnlySyns: true });
  const last = installFixedRules(lab.netfilter1, fixed);
  const rules = new EgressRules(lab.netfilter1, cluster, last, masqueradesInternal);
  /** What br0 marks by namespace: here every packet of P1. */
  const marks = { p1: MARK };
  lab.n1.hooks.register(HookPoint.Prerouting, HookPriority.Mangle, (packet) => {
    if (packet.source === ip('10.1.0.11')) packet.mark = marks.p1;
    return Verdict.Accept;
  });
  const seen: string[] = [];
  const note = (
    _: unknown,
    __: unknown,
    ___: unknown,
    ____: unknown,
    source: Ipv4Address,
  ): void => {
    seen.push(formatIpv4(source));
  };
  lab.s.udp.bind({ port: 53 }, { onDatagram: note });
  let port = 40_000;
  /** As whom the server sees a pod's new conversation. */
  const seenAs = (pod = lab.p1): string | undefined => {
    seen.length = 0;
    lab.udp(pod, pod === lab.p1 ? '10.1.0.11' : '10.1.0.12', port++, '192.0.2.10', 53);
    lab.run(0.1);
    return seen[0];
  };
  return { lab, rules, marks, seenAs };
}

/** Only the rules that egress IPs have brought. */
function count({ lab }: ReturnType<typeof node>): number[] {
  const { snat, filter } = lab.netfilter1;
  return [snat.rules.entries.length, filter.input.rules.entries.length];
}

describe('what pods send', () => {
  test('leaves with the node’s address, until a mark has an egress IP', () => {
    const { lab, rules, seenAs, marks } = node();
    expect(seenAs()).toBe('192.0.2.1');
    rules.add(MARK, EIP, 'shop');
    expect(seenAs()).toBe('192.0.2.100');
    expect(seenAs(lab.p2), 'another namespace').toBe('192.0.2.1');
    marks.p1 = 7;
    expect(seenAs(), 'another mark').toBe('192.0.2.1');
    rules.remove(7, EIP);
    marks.p1 = MARK;
    expect(seenAs(), 'nobody has taken it away').toBe('192.0.2.100');
    rules.remove(MARK, EIP);
    expect(seenAs()).toBe('192.0.2.1');
  });

  test('leaves with the egress IP that was added last', () => {
    const { rules, seenAs } = node();
    rules.add(MARK, EIP, null);
    rules.add(MARK, OTHER, null);
    expect(seenAs()).toBe('192.0.2.101');
    rules.remove(MARK, OTHER);
    expect(seenAs()).toBe('192.0.2.100');
  });

  test('never leaves untranslated: what conntrack finds invalid is dropped', () => {
    const { lab, rules } = node();
    rules.add(MARK, EIP, null);
    lab.n1.hooks.register(HookPoint.Prerouting, HookPriority.Conntrack + 1, (packet) => {
      packet.isInvalid = true;
      packet.connection = null;
      return Verdict.Accept;
    });
    lab.clear();
    lab.udp(lab.p1, '10.1.0.11', 40_000, '192.0.2.10', 53);
    lab.run(0.1);
    expect(lab.packets('ext')).toEqual([]);
    expect(lab.n1.drops.of('filter-drop')).toBe(1);
  });
});

describe('what is sent to an egress IP', () => {
  const PORT = 80;

  /** Whether a datagram to the address on N1 reaches a socket there. */
  const reaches = (
    { lab }: ReturnType<typeof node>,
    from: 's' | 'p2',
    to: Ipv4Address,
  ): boolean => {
    let heard = false;
    const socket = lab.n1.udp.bind({ port: PORT }, { onDatagram: () => (heard = true) });
    const [stack, source] = from === 's' ? [lab.s, '192.0.2.10'] : [lab.p2, '10.1.0.12'];
    lab.udp(stack, source, 41_000, formatIpv4(to), PORT);
    lab.run(0.1);
    socket.close();
    return heard;
  };

  test('is refused when it is new, but not from pods, and not to other addresses', () => {
    const all = node();
    expect(reaches(all, 's', EIP)).toBe(true);
    all.lab.netfilter1.conntrack.flush();
    all.rules.add(MARK, EIP, 'shop');
    expect(reaches(all, 's', EIP)).toBe(false);
    expect(all.lab.n1.drops.of('filter-reject')).toBe(1);
    expect(reaches(all, 's', ip('192.0.2.1'))).toBe(true);
    expect(reaches(all, 'p2', EIP)).toBe(true);
    all.lab.netfilter1.conntrack.flush();
    all.rules.remove(MARK, EIP);
    expect(reaches(all, 's', EIP)).toBe(true);
  });

  test('goes on when it had begun before the rules came', () => {
    const { lab, rules } = node();
    lab.udpEcho(lab.n1, PORT);
    let answers = 0;
    lab.s.udp.bind({ port: 41_000 }, { onDatagram: () => answers++ });
    for (let i = 0; i < 2; i++) {
      lab.udp(lab.s, '192.0.2.10', 41_000, '192.0.2.100', PORT);
      lab.run(0.1);
      rules.add(MARK, EIP, 'shop');
    }
    expect(answers).toBe(2);
  });

  test('finds its way to the pod when it is an answer', () => {
    const { lab, rules } = node();
    rules.add(MARK, EIP, 'shop');
    lab.udpEcho(lab.s, 54);
    let answers = 0;
    lab.p1.udp.bind({ port: 42_000 }, { onDatagram: () => answers++ });
    lab.udp(lab.p1, '10.1.0.11', 42_000, '192.0.2.10', 54);
    lab.run(0.1);
    expect(answers).toBe(1);
  });
});

describe('what stays in the cluster network', () => {
  test.each([
    ['marked', true, '10.1.0.1'],
    ['marked', false, '192.0.2.100'],
    ['unmarked', true, '10.1.0.11'],
    ['unmarked', false, '10.1.0.11'],
  ])('and is %s, where the profile masquerades what is marked: %s', (how, masquerades, source) => {
    const { lab, rules, marks } = node(masquerades);
    if (how === 'unmarked') marks.p1 = 0;
    rules.add(MARK, EIP, null);
    const seen: string[] = [];
    lab.p3.udp.bind(
      { port: 53 },
      { onDatagram: (_s, _f, _o, _l, from) => seen.push(formatIpv4(from)) },
    );
    // By way of the node, as pods of different nodes talk.
    lab.p1.routes.add({
      destination: cidr('10.1.0.13/32'),
      type: 'unicast',
      via: ip('10.1.0.1'),
      iface: nic(lab.p1),
      source: null,
      metric: 0,
    });
    lab.udp(lab.p1, '10.1.0.11', 40_000, '10.1.0.13', 53);
    lab.run(0.5);
    expect(seen).toEqual([source]);
  });
});

test('adding twice is adding once, and whatever is done in whatever order can be undone', () => {
  const act = fc.record({
    what: fc.constantFrom('add', 'remove'),
    mark: fc.constantFrom(1, 2),
    address: fc.constantFrom(EIP, OTHER),
  });
  const all = node();
  const [snatBefore = 0, filterBefore = 0] = count(all);
  fc.assert(
    fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
      const installed = new Set<string>();
      for (const { what, mark, address } of acts) {
        all.rules[what === 'add' ? 'add' : 'remove'](mark, address, null);
        if (what === 'add') installed.add(`${mark} ${address}`);
        else installed.delete(`${mark} ${address}`);
        expect(count(all)).toEqual([
          snatBefore + 2 * installed.size,
          filterBefore + installed.size,
        ]);
      }
      const ofEip = [...installed].filter((each) => each.endsWith(` ${EIP}`)).length;
      expect(all.rules.retain([EIP])).toBe(installed.size - ofEip);
      expect(count(all)).toEqual([snatBefore + 2 * ofEip, filterBefore + ofEip]);
      expect(all.rules.retain([])).toBe(ofEip);
      expect(count(all)).toEqual([snatBefore, filterBefore]);
    }),
  );
});
