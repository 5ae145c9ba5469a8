// Nobody answers: retransmissions, FAILED, local ICMP host unreachable, the queue of waiting packets.

import { element } from '../case-run.ts';
import { lan } from '../lan.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const FLUSH = 'ip neigh flush dev eth0 nud all';

export const scenario: Scenario = {
  name: '01b-arp-failed',
  topology: (roles) => lan(roles, 'A', 'B'),

  play(world) {
    world.captureSwitch('wire', 'br0');
    world.capture('A', 'lo', 'lo', ({ kind }) => kind === 'icmp');
    world.capture('B', 'eth0', 'B');
    world.monitor('A');

    const first = world.case('no-answer', 'wire', 'lo');
    first.outputs.set('ping', world.x('A', 'ping -c 1 -W 6 -e 4660 10.0.0.99').output);
    world.sleep(0.3);

    world.case('no-negative-cache', 'wire', 'lo');
    world.sleep(0.7);
    world.x('A', 'ping -c 1 -W 6 -e 4661 10.0.0.99');
    world.sleep(0.3);

    world.case('three-queued', 'wire', 'lo');
    world.x('A', FLUSH);
    world.x('A', 'ping -c 3 -i 0.4 -W 6 -e 4662 10.0.0.99');
    world.sleep(0.3);

    world.case('continuous', 'wire', 'lo');
    world.x('A', FLUSH);
    world.x('A', 'ping -c 8 -i 1 -W 4 -e 4663 10.0.0.99');
    world.sleep(0.3);

    world.case('tcp-connect', 'wire', 'lo');
    world.x('A', FLUSH);
    world.act('connect()');
    world.x('A', 'gt tcpclient --dst 10.0.0.99:80 --src 10.0.0.1:40000 --app A');
    world.sleep(0.2);

    world.case('udp-connected', 'wire', 'lo');
    world.x('A', FLUSH);
    const plain = world.bg(
      'A',
      'gt udp --dst 10.0.0.99:53 --src 10.0.0.1:40001 --connect --count 1 --linger 3.4 --verbose --app A',
    );
    world.x(
      'A',
      'gt udp --dst 10.0.0.99:53 --src 10.0.0.1:40009 --connect --recverr --count 1 --linger 3.4 --app A+RECVERR',
    );
    world.wait(plain);
    world.sleep(0.2);

    world.case('late-answer');
    world.x('A', FLUSH);
    world.x('B', 'ip link set eth0 down');
    world.sleep(0.3);
    const ping = world.bg('A', 'ping -c 1 -W 6 -e 4664 10.0.0.2');
    world.sleep(1.3);
    world.do('B: eth0 up', 'B', 'ip link set eth0 up');
    world.wait(ping);
    world.sleep(0.2);

    world.case('queue-limit-default');
    burst(world, '--src 10.0.0.1:40002 --count 1000');
    world.case('queue-limit-big');
    burst(world, '--src 10.0.0.1:40002 --count 400 --size 1400');
    world.case('queue-limit-3');
    world.sysctl('A', 'net.ipv4.neigh.eth0.unres_qlen=3');
    burst(world, '--src 10.0.0.1:40003 --count 10 --size 1400');
  },

  judge(world) {
    let c = world.verdict('no-answer');
    let asked = c.frames('wire', { kind: 'arp', op: 'request' });
    const begin = element(asked, 0, 'request').t;
    c.check(
      'three broadcast requests',
      asked.length === 3 && asked.every(({ l2dst }) => l2dst === 'BROADCAST'),
    );
    c.measured('request_2_after_first_s', (asked[1]?.t ?? 0) - begin);
    c.measured('request_3_after_first_s', (asked[2]?.t ?? 0) - begin);
    let errors = c.frames('lo', { kind: 'icmp', type: 3 });
    const [error] = errors;
    c.check(
      'one ICMP 3/1 from A to A on lo',
      errors.length === 1 && error?.code === 1 && error.src === 'A' && error.dst === 'A',
    );
    c.measured('host_unreachable_after_first_request_s', (error?.t ?? 0) - begin);
    c.check('A: INCOMPLETE then FAILED', c.states('A', 'N').join() === 'INCOMPLETE,FAILED');
    const lines = c.output('ping').split('\n');
    c.fact('pingOutput', lines.find((line) => line.startsWith('From')) ?? '');

    c = world.verdict('no-negative-cache');
    asked = c.frames('wire', { kind: 'arp', op: 'request' });
    errors = c.frames('lo', { kind: 'icmp', type: 3 });
    c.check('again three requests, again an error', asked.length === 3 && errors.length === 1);
    c.check(
      'FAILED -> INCOMPLETE -> FAILED',
      c.states('A', 'N').join() === 'INCOMPLETE,FAILED',
      c.states('A', 'N'),
    );

    c = world.verdict('three-queued');
    errors = c.frames('lo', { kind: 'icmp', type: 3 });
    const span = (errors.at(-1)?.t ?? 0) - (errors[0]?.t ?? 0);
    c.check('three errors within 50 ms', errors.length === 3 && span < 0.05);
    c.check(
      'the errors quote seq 1,2,3 in order',
      errors.map(({ inner }) => echoSequence(inner)).join() === '1,2,3',
    );

    c = world.verdict('continuous');
    asked = c.frames('wire', { kind: 'arp', op: 'request' });
    errors = c.frames('lo', { kind: 'icmp', type: 3 });
    const zero = element(asked, 0, 'request').t;
    c.fact(
      'requestTimes',
      asked.map(({ t }) => Math.round(t - zero)),
    );
    c.fact(
      'errorTimesAndSeq',
      errors.map(({ t, inner }) => [Math.round(t - zero), echoSequence(inner)]),
    );
    c.measured('requests', asked.length);

    c = world.verdict('tcp-connect');
    const lastLine = c.apps('A').at(-1);
    c.check(
      'connect() fails with EHOSTUNREACH',
      lastLine?.text.includes('EHOSTUNREACH') === true,
      lastLine?.text ?? null,
    );
    const [question] = c.frames('wire', { kind: 'arp', op: 'request' });
    c.measured('connect_error_after_s', (lastLine?.t ?? 0) - (question?.t ?? 0));
    c.fact('quotedSYNs', c.frames('lo', { kind: 'icmp', type: 3 }).length);
    c.waive(
      'inner.l4CsumOk',
      'the kernel quotes a SYN whose checksum its interface was to finish; ours is finished',
    );

    c = world.verdict('udp-connected');
    c.check(
      'plain connected socket: no error',
      !c.apps('A').some(({ text }) => text.includes('EHOST')),
    );
    c.check(
      'IP_RECVERR: EHOSTUNREACH',
      c.apps('A+RECVERR').some(({ text }) => text.includes('EHOSTUNREACH')),
    );
    c.keep(({ kind, text }) => kind !== 'app' || String(text).includes('EHOST'));
    c.drop(({ kind }) => kind === 'icmp');

    c = world.verdict('late-answer');
    asked = c.frames('wire', { kind: 'arp', op: 'request', sha: 'A' });
    c.check('answered request is the third', asked.length === 3, asked.length);
    const [echo] = c.frames('wire', { kind: 'icmp', type: 8 });
    c.measured('packet_left_after_first_request_s', (echo?.t ?? 0) - (asked[0]?.t ?? 0));

    for (const [id, count] of [
      ['queue-limit-default', 1000],
      ['queue-limit-big', 400],
      ['queue-limit-3', 10],
    ] as const) {
      c = world.verdict(id);
      const numbers = c.frames('B', { kind: 'udp' }).map(({ data }) => Number(data));
      c.fact('delivered', numbers.length);
      c.fact('firstDelivered', numbers[0] ?? null);
      c.fact('lastDelivered', numbers.at(-1) ?? null);
      const newest = Array.from(numbers, (_, i) => count - numbers.length + i);
      c.check('delivered packets are the newest, in order', numbers.join() === newest.join());
      c.drop(({ kind }) => kind === 'udp' || kind === 'icmp');
    }
    const limit = world.nic('A').neigh.unres_qlen_bytes;
    world.verdict('queue-limit-3').fact('unres_qlen_bytes', limit);
  },
};

/** B's port is down while A sends at once as much as it can. */
function burst(world: World, options: string): void {
  world.x('A', FLUSH);
  world.x('B', 'ip link set eth0 down');
  world.sleep(0.2);
  const sender = world.bg('A', `gt udp --dst 10.0.0.2:9 --interval 0 --linger 0 ${options}`);
  world.sleep(0.5);
  world.do('B: eth0 up', 'B', 'ip link set eth0 up');
  world.wait(sender);
  world.sleep(1.5);
}

function echoSequence(inner: { readonly seq?: number | 'foreign' } | undefined): number {
  return typeof inner?.seq === 'number' ? inner.seq : -1;
}
