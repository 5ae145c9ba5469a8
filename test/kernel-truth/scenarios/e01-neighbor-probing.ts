// PROBE to FAILED: unicast probes, broadcasts after them, answers on the way, other limits.

import { lan } from '../lan.ts';
import type { Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  name: 'e01-neighbor-probing',
  topology: (roles) => lan(roles, 'A', 'B', 'C'),

  play(world) {
    const { roles } = world;
    const [b, c] = [roles.macOf('B'), roles.macOf('C')];
    const set = (...settings: string[]): void =>
      world.sysctl('A', ...settings.map((setting) => `net.ipv4.neigh.eth0.${setting}`));
    const mute = (is: boolean): void => {
      world.x('B', `sysctl net.ipv4.conf.all.arp_ignore=${is ? 8 : 0}`);
    };
    const stale = (mac = b): void => {
      world.x('A', `ip neigh replace 10.0.0.2 dev eth0 lladdr ${mac} nud stale`);
      world.sleep(0.1);
    };
    const forget = (): void => {
      world.x('A', 'ip neigh flush dev eth0 nud all');
    };
    const ping = (id: number, wait = 1): void => {
      world.x('A', `ping -c 1 -W ${wait} -e ${id} -q 10.0.0.2`);
    };
    const begin = (id: string): void => {
      world.case(id, 'wire', 'lo');
    };
    world.captureSwitch('wire', 'br0');
    world.capture('A', 'lo', 'lo', ({ kind }) => kind === 'icmp');
    world.monitor('A');
    set('delay_first_probe_time=1');

    world.x('B', `ip neigh replace 10.0.0.1 dev eth0 lladdr ${roles.macOf('A')} nud permanent`);
    mute(true);
    stale();
    begin('unicast-only');
    ping(4660);
    world.sleep(5.2);
    world.end();
    stale();
    begin('packets-meanwhile');
    world.x('A', 'ping -c 14 -i 0.5 -W 1 -e 4661 -q 10.0.0.2');
    world.sleep(3.5);
    world.end();
    set('mcast_resolicit=3');
    stale();
    begin('mcast-resolicit');
    ping(4662);
    world.sleep(8.2);
    world.end();
    set('mcast_resolicit=0', 'ucast_solicit=1');
    stale();
    begin('ucast-1');
    ping(4663);
    world.sleep(3.3);
    world.end();
    set('ucast_solicit=0');
    stale();
    begin('ucast-0');
    ping(4664);
    world.sleep(2.3);
    world.end();
    set('ucast_solicit=3', 'retrans_time_ms=300');
    stale();
    begin('retrans-300');
    ping(4665);
    world.sleep(2.7);
    world.end();
    forget();
    begin('retrans-300-incomplete');
    ping(4666);
    world.sleep(0.5);
    world.end();
    set('retrans_time_ms=1000', 'mcast_solicit=1');
    forget();
    begin('mcast-1');
    ping(4667, 3);
    world.sleep(0.3);
    world.end();
    set('mcast_solicit=0');
    forget();
    begin('mcast-0');
    ping(4668, 3);
    world.sleep(0.3);
    world.end();
    set('mcast_solicit=3', 'app_solicit=2');
    forget();
    begin('app-2');
    ping(4669, 7);
    world.sleep(0.3);
    world.end();
    set('app_solicit=0');
    mute(false);
    stale(c);
    begin('wrong-mac');
    ping(4670);
    world.sleep(5.3);
    ping(4671);
    world.end();
    stale();
    begin('answered-second');
    mute(true);
    ping(4672);
    world.sleep(1.6);
    mute(false);
    world.sleep(2);
    world.end();
    stale();
    begin('garp-while-probing');
    mute(true);
    ping(4673);
    world.sleep(1.6);
    world.do('C: GARP', 'C', `gt arp --dev eth0 --frame 1,${c},10.0.0.2,0,10.0.0.2,ff`);
    world.sleep(3.5);
    world.end();
    mute(false);
  },

  judge(world) {
    for (const c of world.cases) c.check('ran', true);
  },
};
