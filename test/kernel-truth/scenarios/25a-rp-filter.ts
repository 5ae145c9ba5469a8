// rp_filter on a host with two arms: what comes in where its answer would not leave.
//
//   H .1 --- brx 10.0.0.0/24 --- R .254 | H .1 --- bry 10.1.0.0/24 --- R .254, B .20 | R has 192.0.2.1

import { Operation } from '../../../src/wire/arp.ts';
import type { CaseRun } from '../case-run.ts';
import { CABLE, nic } from '../lan.ts';
import { rawPacket } from '../raw-packet.ts';
import type { Scenario } from '../scenario.ts';
import { address, type World } from '../world.ts';

/** conf.all, eth0, eth1; whether what is asked at eth1 is answered by eth0. */
const MODES: readonly (readonly [string, readonly [number, number, number], boolean])[] = [
  ['off', [0, 0, 0], true],
  ['strict', [1, 1, 1], false],
  ['loose', [2, 2, 2], true],
  ['max-all1-if0', [1, 0, 0], false],
  ['max-all0-if1', [0, 0, 1], false],
  ['max-all2-if1', [2, 1, 1], true],
  ['max-all1-if2', [1, 1, 2], true],
];

export const scenario: Scenario = {
  name: '25a-rp-filter',
  topology: (roles) => ({
    name: 'rp-filter',
    segments: { brx: CABLE, bry: CABLE },
    hosts: {
      H: {
        interfaces: { eth0: nic(roles, 'H.x', 'brx', 24), eth1: nic(roles, 'H.y', 'bry', 24) },
        gateway: '10.0.0.254',
      },
      R: {
        interfaces: { eth0: nic(roles, 'R.x', 'brx', 24), eth1: nic(roles, 'R.y', 'bry', 24) },
        forwarding: true,
        loopback: ['192.0.2.1'],
      },
      B: { interfaces: { eth0: nic(roles, 'B', 'bry', 24) } },
    },
    scenario: { duration: '1s' },
  }),

  play(world) {
    const pingFrom = (source: string, label: string, what: string, to = '10.1.0.1'): void => {
      world.act(what);
      world.save(label, 'R', `ping -c 1 -W 1 -I ${source} ${to}`);
    };
    world.captureSwitch('x', 'brx');
    world.captureSwitch('y', 'bry');
    world.capture('H', 'eth0', 'H0');
    world.capture('H', 'eth1', 'H1');
    // As in the script, where the cases before have resolved everything.
    world.prime('R', '10.0.0.1');
    world.prime('R', '10.1.0.1');
    for (const [id, [all, eth0, eth1]] of MODES) {
      world.case(id, 'x', 'y');
      filter(world, all, eth0, eth1);
      count(world, 'a');
      world.act("R (from 192.0.2.1) pings 10.1.0.1 via eth1: H's route back is eth0");
      world.save('p1', 'R', 'ping -c 2 -i 0.2 -W 1 -I 192.0.2.1 10.1.0.1');
      pingFrom('192.0.2.1', 'p2', 'R (from 192.0.2.1) pings 10.0.0.1 via eth0', '10.0.0.1');
      world.sleep(0.2);
      count(world, 'b');
      world.end();
    }
    world.case('loose-no-route', 'x', 'y');
    world.x('H', 'ip route del default');
    filter(world, 2, 2, 2);
    count(world, 'a');
    pingFrom('192.0.2.1', 'p1', 'rp_filter 2: R (192.0.2.1) pings 10.1.0.1');
    count(world, 'b');
    filter(world, 0, 0, 0);
    pingFrom('192.0.2.1', 'p2', 'rp_filter 0: the same');
    count(world, 'c');
    world.x('H', 'ip route add default via 10.0.0.254');
    world.end();

    const ask = (): void => {
      const [senderIp, targetIp] = [address('192.0.2.1'), address('10.1.0.1')];
      const request = { operation: Operation.Request, senderIp, targetIp };
      world.host('R').arp.send(world.nic('R', 'eth1'), request);
      world.sleep(0.3);
    };
    world.case('strict-arp', 'y');
    filter(world, 1, 1, 1);
    ask();
    world.act('rp_filter 0');
    filter(world, 0, 0, 0);
    ask();
    world.end();
    world.case('strict-other-subnet', 'x', 'y');
    filter(world, 1, 1, 1);
    pingFrom('10.0.0.254', 'p1', 'R pings 10.1.0.1 with source 10.0.0.254 through eth1');
    world.sleep(0.1);
    filter(world, 0, 0, 0);
    pingFrom('10.0.0.254', 'p2', 'rp_filter 0');
    world.sleep(0.1);
    world.end();

    const spoof = (): void => {
      // UDP 1111 to 9, four octets, no checksum.
      const payload = '04570009000ce77300000000';
      const [source, destination] = ['10.0.0.1', '10.1.0.1'];
      const datagram = rawPacket({ ttl: 64, protocol: 17, source, destination, payload });
      world.x('B', `raw --dev eth0 --to ${world.roles.macOf('H.y')} ${datagram}`);
      world.sleep(0.2);
    };
    world.case('own-source', 'y');
    filter(world, 0, 0, 0);
    count(world, 'a');
    world.act("B sends UDP with source 10.0.0.1 (H's other address)");
    spoof();
    count(world, 'b');
    world.sysctl('H', 'net.ipv4.conf.eth1.accept_local=1');
    world.act('accept_local=1');
    spoof();
    count(world, 'c');
    world.sysctl('H', 'net.ipv4.conf.eth1.accept_local=0');
    world.end();
    world.prime('B', '10.1.0.1');
    world.prime('B', '10.1.0.254');
    world.case('forwarding', 'x', 'y');
    world.sysctl('H', 'net.ipv4.ip_forward=1');
    filter(world, 1, 1, 1);
    world.x('B', 'ip route add 192.0.2.1/32 via 10.1.0.1');
    world.act('B pings 192.0.2.1 through H');
    world.save('p1', 'B', 'ping -c 1 -W 1 192.0.2.1');
    world.sleep(0.2);
    world.end();
    world.case('forwarding-strict', 'x', 'y');
    world.x('B', 'ip route replace 192.0.2.1/32 via 10.1.0.254');
    world.x('R', 'ip route add 10.1.0.20/32 via 10.0.0.1');
    world.act('B pings 192.0.2.1');
    world.save('p1', 'B', 'ping -c 1 -W 1 192.0.2.1');
    world.sleep(0.2);
    world.end();
  },

  judge(world) {
    for (const c of world.cases) c.readPerPoint();
    for (const c of world.cases) c.keep(({ kind }) => kind !== 'arp' || c.id === 'strict-arp');
    for (const [id, , works] of MODES) {
      const c = world.verdict(id);
      const both = [answered(c, 'p1'), answered(c, 'p2')] as const;
      c.fact('asymmetricWorks', both[0]);
      c.fact('symmetricWorks', both[1]);
      const name = `asymmetric ${works ? 'accepted' : 'dropped'}, symmetric works`;
      c.check(name, both[0] === works && both[1], [...both]);
      c.fact('IPReversePathFilterIncrement', drops(c, 'b') - drops(c, 'a'));
      const replies = c.frames('', { type: 0, src: 'H.y' }).map(({ at }) => at);
      const places = [...new Set(replies.filter((at) => at.startsWith('H')))].sort();
      c.fact('answerLeavesBy', places);
      c.check('no ICMP error', c.frames('', { type: 3 }).length === 0);
    }
    let c = world.verdict('loose-no-route');
    c.fact('replies2', answered(c, 'p1'));
    c.fact('replies0', answered(c, 'p2'));
    c.fact('IPReversePathFilterIncrement', increments(c));
    c.check('no answer either way', !answered(c, 'p1') && !answered(c, 'p2'));
    c = world.verdict('strict-arp');
    const { t } = c.action(0);
    const replies = c.frames('y', { kind: 'arp', op: 'reply' });
    c.fact('repliesStrict', replies.filter((reply) => reply.t < t).length);
    c.fact('repliesOff', replies.filter((reply) => reply.t > t).length);
    c = world.verdict('strict-other-subnet');
    c.fact('strict', answered(c, 'p1'));
    c.fact('off', answered(c, 'p2'));
    c.check('dropped only when strict', !answered(c, 'p1') && answered(c, 'p2'));
    c = world.verdict('own-source');
    c.fact('icmpErrors', [...new Set(c.frames('', { type: 3 }).map(({ at }) => at))]);
    c.fact('IPReversePathFilterIncrement', increments(c));
    c = world.verdict('forwarding');
    c.fact('works', answered(c, 'p1'));
    c.fact('redirects', c.frames('y', { type: 5 }).length);
    c = world.verdict('forwarding-strict');
    c.fact('works', answered(c, 'p1'));
  },
};

function filter(world: World, ...[all, eth0, eth1]: readonly number[]): void {
  const conf = 'net.ipv4.conf';
  world.sysctl('H', `${conf}.all.rp_filter=${all}`, `${conf}.eth0.rp_filter=${eth0}`);
  world.sysctl('H', `${conf}.eth1.rp_filter=${eth1}`);
}

/** nstat: TcpExtIPReversePathFilter. */
function count(world: World, label: string): void {
  const run = world.cases.at(-1);
  run?.outputs.set(`cnt-${label}`, String(world.host('H').drops.of('rp-filter')));
}

function drops(c: CaseRun, label: string): number {
  return Number(c.output(`cnt-${label}`));
}

function increments(c: CaseRun): number[] {
  return [drops(c, 'b') - drops(c, 'a'), drops(c, 'c') - drops(c, 'b')];
}

function answered(c: CaseRun, label: string): boolean {
  const [, sent, received] =
    /(\d+) packets transmitted, (\d+) received/.exec(c.output(label)) ?? [];
  return sent !== undefined && sent === received;
}
