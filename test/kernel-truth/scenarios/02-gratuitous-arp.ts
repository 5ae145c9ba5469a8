// Gratuitous ARP: the forms in use, who updates, who creates, when the kernel sends one by itself.

import type { CaseRun } from '../case-run.ts';
import { same } from '../case-run.ts';
import type { JsonObject } from '../fixture.ts';
import { lan } from '../lan.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const X = '10.0.0.100';
const WATCHERS = ['A', 'D', 'E', 'F', 'G', 'H'];
/** Who believes an announcement: the entry for X as [state, MAC]. */
const BELIEVED: JsonObject = {
  A: ['STALE', 'C'],
  D: ['NONE', null],
  E: ['STALE', 'C'],
  F: ['REACHABLE', 'B'],
  G: ['PERMANENT', 'B'],
  H: ['STALE', 'C'],
};

export const scenario: Scenario = {
  name: '02-gratuitous-arp',
  topology: (roles) => lan(roles, 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'),

  play(world) {
    const [a, b, c, z] = ['A', 'B', 'C', 'Z'].map((role) => world.roles.macOf(role));
    world.captureSwitch('wire', 'br0');
    // tcpdump on the bridge's port towards C sees what C sends, forwarded or not.
    world.capture('C', 'eth0', 'portC', ({ kind }) => kind === 'arp');
    world.sysctl('E', 'net.ipv4.conf.eth0.arp_accept=1');
    world.sysctl('F', 'net.ipv4.conf.eth0.drop_gratuitous_arp=1');
    world.sysctl('H', 'net.ipv4.conf.eth0.arp_accept=2');
    world.monitor('A', 'B', 'D', 'E', 'F', 'G', 'H');
    world.x('C', `ip addr add ${X}/32 dev eth0`);

    prepare(world);
    world.case('arping-U');
    world.do('C: arping -U -c 1 X', 'C', `arping -U -c 1 -w 1 -I eth0 ${X}`);
    world.sleep(0.1);
    world.end();
    prepare(world);
    world.case('arping-A');
    world.do('C: arping -A -c 1 X', 'C', `arping -A -c 1 -w 1 -I eth0 ${X}`);
    world.sleep(0.1);
    world.end();

    world.case('addr-add');
    world.do('C: ip addr add Y (arp_notify=0)', 'C', 'ip addr add 10.0.0.101/32 dev eth0');
    world.sleep(0.5);
    world.x('C', 'ip addr del 10.0.0.101/32 dev eth0');
    world.sysctl('C', 'net.ipv4.conf.eth0.arp_notify=1');
    world.do('C: ip addr add Y (arp_notify=1)', 'C', 'ip addr add 10.0.0.101/32 dev eth0');
    world.sleep(0.5);
    world.end();
    prepare(world);
    world.case('arp-notify-link', 'portC');
    world.x('C', 'ip link set eth0 down');
    world.do('C: ip link set eth0 up', 'C', 'ip link set eth0 up');
    world.sleep(0.5);
    world.end();
    prepare(world);
    world.case('arp-notify-mac');
    world.do('C: ip link set eth0 address Z', 'C', `ip link set eth0 address ${z}`);
    world.sleep(0.5);
    world.end();
    world.x('C', `ip link set eth0 address ${c}`);
    world.sysctl('C', 'net.ipv4.conf.eth0.arp_notify=0');
    world.x('C', 'ip addr del 10.0.0.101/32 dev eth0');
    prepare(world);
    world.case('unicast-reply-garp');
    world.act('C: unicast GARP reply to A');
    world.x('C', `gt arp --dev eth0 --src ${c} --frame 2,${c},${X},${c},${X},${a}`);
    world.sleep(0.2);
    world.end();
    prepare(world);
    world.case('fake-garp-reply');
    world.act('C: broadcast reply tha=ff');
    const fake = `--frame 2,${c},${X},ff,${X},ff`;
    world.x('C', `gt arp --dev eth0 --src ${c} ${fake} ${fake}@1.2`);
    world.sleep(0.2);
    world.end();
    prepare(world);
    world.case('last-garp-wins');
    world.act('three GARPs');
    world.x('C', `gt arp --dev eth0 --src ${c} --frame 1,${c},${X},0,${X},ff`);
    world.sleep(0.05);
    world.x('B', `gt arp --dev eth0 --src ${b} --frame 1,${b},${X},0,${X},ff`);
    world.sleep(0.05);
    world.x('C', `gt arp --dev eth0 --src ${c} --frame 1,${c},${X},0,${X},ff`);
    world.sleep(0.2);
    world.end();
    prepare(world);
    world.case('accept-create');
    world.act('three frames');
    world.x(
      'C',
      `gt arp --dev eth0 --src ${c} --frame 2,${c},${X},${a},10.0.0.1,ff
        --frame 1,${c},10.0.0.99,0,10.0.0.1,ff@0.5 --frame 1,${c},10.9.9.9,0,10.9.9.9,ff@1.0`,
    );
    world.sleep(0.3);
    world.end();
    world.x('B', `ip addr add ${X}/32 dev eth0`);
    world.x('B', 'ip neigh flush dev eth0');
    const last = world.case('heard-by-owner');
    world.do('C: arping -U', 'C', `arping -U -c 1 -w 1 -I eth0 ${X}`);
    world.do('C: arping -A', 'C', `arping -A -c 1 -w 1 -I eth0 ${X}`);
    world.sleep(0.3);
    const held = world.nic('B').addresses.map(({ address }) => address);
    last.outputs.set('addrB', held.includes(world.address(X)) ? X : '');
    last.outputs.set('neighB', world.x('B', 'ip neigh show').output);
  },

  judge(world) {
    let c = world.verdict('arping-U');
    let [arp, ...others] = c.frames('wire', { kind: 'arp' });
    c.check(
      'one broadcast request, sha=C spa=X tpa=X tha=ff (iputils)',
      others.length === 0 &&
        arp?.op === 'request' &&
        arp.tha === 'BROADCAST' &&
        arp.spa === 'X' &&
        arp.tpa === 'X',
    );
    c.fact('tableAfter', table(c));
    c.check('table after', same(table(c), BELIEVED), table(c));

    c = world.verdict('arping-A');
    [arp, ...others] = c.frames('wire', { kind: 'arp' });
    c.check(
      'one broadcast reply, tha = own MAC',
      others.length === 0 && arp?.op === 'reply' && arp.tha === 'C' && arp.l2dst === 'BROADCAST',
    );
    c.fact('tableAfter', table(c));
    c.check('table after', same(table(c), BELIEVED), table(c));

    c = world.verdict('addr-add');
    c.check('no ARP at all', c.frames('wire', { kind: 'arp' }).length === 0);

    c = world.verdict('arp-notify-link');
    let announced = c.frames('portC', { kind: 'arp' });
    c.fact(
      'garps',
      announced.map(({ spa = '' }) => spa),
    );
    c.check(
      'request form, tha zero, one per address',
      announced.length === 3 &&
        announced.every(
          ({ op, tha, spa, tpa }) => op === 'request' && tha === 'ZERO' && spa === tpa,
        ),
    );
    const forwarded = c.frames('wire', { kind: 'arp' }).length;
    c.fact('forwardedByTheBridge', forwarded);
    c.fact('tableAfter', table(c));
    c.check(
      'the GARPs never reach anybody',
      forwarded === 0 && c.entry('A', 'X').endsWith(':B'),
      c.entry('A', 'X'),
    );

    c = world.verdict('arp-notify-mac');
    announced = c.frames('wire', { kind: 'arp' });
    c.fact(
      'garps',
      announced.map(({ l2src, sha = '', spa = '' }) => [l2src, sha, spa]),
    );
    c.check(
      'GARPs carry the new MAC',
      announced.length > 0 && announced.every(({ sha }) => sha === 'Z'),
    );

    c = world.verdict('unicast-reply-garp');
    c.check('A is REACHABLE:C', c.entry('A', 'X') === 'REACHABLE:C', c.entry('A', 'X'));

    c = world.verdict('fake-garp-reply');
    const second = c.frames('wire', { kind: 'arp' })[1];
    const between = c.entry('A', 'X', (second?.t ?? 0) - 0.05);
    c.check(
      'first ignored, second accepted',
      between.endsWith(':B') && c.entry('A', 'X') === 'STALE:C',
      [between, c.entry('A', 'X')],
    );

    c = world.verdict('last-garp-wins');
    const macs = c.neighbors('A', 'X').map(({ lladdr }) => c.mac(lladdr ?? ''));
    c.check('A follows every GARP', macs.join() === 'C,B,C', macs);
    c.keepNeighbors(({ host }) => host === 'A');

    c = world.verdict('accept-create');
    const made = (host: string): JsonObject => ({
      'X by plain reply': state(c.entry(host, 'X')),
      'N by request for another': state(c.entry(host, 'N')),
      'FOREIGN by GARP': state(c.entry(host, 'FOREIGN')),
    });
    c.fact('E_arp_accept_1', made('E'));
    c.fact('H_arp_accept_2', made('H'));
    c.check(
      'E: reply and foreign GARP create, request does not',
      Object.values(made('E')).join() === 'STALE,NONE,STALE',
      made('E'),
    );
    c.check(
      'H: only inside the subnet',
      state(c.entry('H', 'X')) === 'STALE' && state(c.entry('H', 'FOREIGN')) === 'NONE',
      made('H'),
    );
    c.keepNeighbors(({ host }) => host === 'E' || host === 'H' || host === 'D');

    c = world.verdict('heard-by-owner');
    c.check('B stays silent', c.frames('wire', { kind: 'arp', l2src: 'B' }).length === 0);
    c.check('B keeps the address', c.output('addrB') === X);
    const entries = c.output('neighB').split('\n');
    c.check('B makes no neighbour entry', !entries.some((line) => line.startsWith(`${X} `)));
    c.keepNeighbors(({ host }) => host === 'B');
  },
};

/** Entries for X as the cases begin with them. */
function prepare(world: World): void {
  const mac = world.roles.macOf('B');
  for (const host of ['A', 'F']) {
    world.x(host, `ip neigh replace ${X} dev eth0 lladdr ${mac} nud reachable`);
  }
  world.x('G', `ip neigh replace ${X} dev eth0 lladdr ${mac} nud permanent`);
  for (const host of ['D', 'E', 'H']) world.x(host, `ip neigh del ${X} dev eth0`);
  world.sleep(0.2);
}

/** The entries for X at the end of a case. */
function table(c: CaseRun): JsonObject {
  return Object.fromEntries(
    WATCHERS.map((host) => {
      const [name = '', mac = null] = c.entry(host, 'X').split(':');
      return [host, [name, mac]];
    }),
  );
}

function state(entry: string): string {
  return entry.split(':')[0] ?? '';
}
