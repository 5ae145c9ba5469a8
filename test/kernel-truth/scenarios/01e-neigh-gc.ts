// Garbage collection of unused entries: gc_stale_time, gc_thresh1.

import { lan } from '../lan.ts';
import type { Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  name: '01e-neigh-gc',
  topology: (roles) => lan(roles, 'A', 'B'),

  play(world) {
    const mac = world.roles.macOf('S');
    const { gc_thresh1 } = world.host('A').sysctl.host;
    world.captureSwitch('wire', 'br0');
    world.x('A', 'ip route add 10.1.0.0/16 dev eth0');
    world.monitor('A');
    world.sysctl('A', 'net.ipv4.neigh.eth0.gc_stale_time=5');
    world.x('A', `ip neigh add 10.0.0.50 dev eth0 lladdr ${mac} nud stale`);

    world.case('below-threshold');
    world.act('wait');
    world.sleep(20);

    const c = world.case('above-threshold');
    world.act('gc_thresh1 + 12 STALE entries added');
    for (let i = 1; i <= gc_thresh1 + 12; i++) {
      const address = `10.1.${Math.floor(i / 250)}.${1 + (i % 250)}`;
      // `ip -batch` adds them all at once.
      world.bg('A', `ip neigh add ${address} dev eth0 lladdr ${mac} nud stale`);
    }
    world.sleep(0.1);
    let waited = 0;
    let left = Number.POSITIVE_INFINITY;
    while (left > 0 && waited < 32) {
      world.sleep(1);
      waited++;
      left = world.host('A').neighbors.entries(world.nic('A')).length;
    }
    c.outputs.set('count', left === 0 ? String(waited) : '');
  },

  judge(world) {
    let c = world.verdict('below-threshold');
    c.check('entry still STALE', c.entry('A', 'S').startsWith('STALE'), c.entry('A', 'S'));

    c = world.verdict('above-threshold');
    const gone = c.output('count');
    c.check('all unused entries removed', gone !== '');
    c.measured('removed_after_s', gone === '' ? null : Number(gone));
    const { gc_thresh1, gc_thresh2, gc_thresh3, gc_interval } = world.host('B').sysctl.host;
    c.fact('kernelDefaults', {
      gc_thresh1,
      gc_thresh2,
      gc_thresh3,
      gc_interval_s: gc_interval,
      gc_stale_time_s: world.nic('B').neigh.gc_stale_time,
    });
    c.keep(({ kind }) => kind === 'action');
    c.keepNeighbors(() => false);
  },
};
