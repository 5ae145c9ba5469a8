// What the analysis makes of logs written down by hand.

import { describe, expect, test } from 'vitest';
import { analyze } from '../../../src/scenario/analysis/analyze.ts';
import type { Facts } from '../../../src/scenario/analysis/facts.ts';
import type { AddressAnalysis, FlowAnalysis } from '../../../src/scenario/analysis/model.ts';
import {
  announce,
  believe,
  claim,
  event,
  facts,
  flow,
  giveUp,
  hear,
  IP,
  MAC,
  release,
  routerClaim,
  routerRelease,
  SECOND,
  via,
} from './facts.ts';

function address(given: Facts): AddressAnalysis {
  const [only] = analyze(given)?.addresses ?? [];
  if (only === undefined) throw new Error('no address');
  return only;
}

function story(given: Facts): FlowAnalysis {
  const [only] = analyze(given)?.flows ?? [];
  if (only === undefined) throw new Error('no flow');
  return only;
}

/** 'cause from to' in seconds. */
function stages(given: Facts): string[] {
  return story(given).stages.map(
    ({ cause, from, to }) => `${cause} ${from / SECOND} ${to / SECOND}`,
  );
}

/** 'machine from to how end' in seconds. */
function holdings(given: Facts): string[] {
  return address(given).holdings.map(({ end, from, how, machine, to }) => {
    const until = to === null ? 'open' : to / SECOND;
    return `${machine} ${from / SECOND} ${until} ${how} ${end}`;
  });
}

describe('holdings', () => {
  test('tell claims, releases, what was configured and what was taken off by hand', () => {
    const events = [
      event(0, 'printer', 'address-added', { address: `${IP}/24`, interface: 'eth0' }),
      event(5, 'printer', 'address-removed', { address: `${IP}/24`, interface: 'eth0' }),
      ...claim(10, 'worker01'),
      ...release(20, 'worker01'),
      event(30, 'db', 'address-added', { address: `${IP}/24`, interface: 'eth0' }),
    ];
    expect(holdings(facts(events))).toEqual([
      'printer 0 5 configured removed',
      'worker01 10 20 claimed released',
      'db 30 open added null',
    ]);
  });

  test('end with the power; what was configured comes back with it, what was claimed does not', () => {
    const events = [
      event(0, 'printer', 'address-added', { address: `${IP}/24`, interface: 'eth0' }),
      ...claim(1, 'worker01'),
      event(10, 'printer', 'powered-off', {}),
      event(10, 'worker01', 'powered-off', {}),
      event(20, 'printer', 'powered-on', {}),
      event(20, 'worker01', 'powered-on', {}),
    ];
    expect(holdings(facts(events))).toEqual([
      'printer 0 10 configured power-off',
      'worker01 1 10 claimed power-off',
      'printer 20 open configured null',
    ]);
  });

  test('are those of logical routers, too: no kernel has the address', () => {
    const events = [
      routerClaim(5, 'worker01'),
      event(5, 'worker01', 'egress-ip-claimed', { ip: IP, vnid: 0, interface: 'enp1s0' }),
      routerRelease(20, 'worker01'),
      routerClaim(21, 'worker02'),
      event(40, 'worker02', 'powered-off', {}),
      event(50, 'worker02', 'powered-on', {}),
    ];
    expect(holdings(facts(events))).toEqual([
      'worker01 5 20 claimed released',
      'worker02 21 40 claimed power-off',
    ]);
    const { holdings: held, moves } = address(facts(events));
    expect(held.map(({ interface: port, mac }) => [port, mac])).toEqual([
      ['rtoe-GR_worker01', MAC.worker01],
      ['rtoe-GR_worker02', MAC.worker02],
    ]);
    expect(moves).toMatchObject([{ from: 'worker01', to: 'worker02', clean: true }]);
  });

  test('of a router and of the kernel of its node are no conflict; of two routers they are', () => {
    const both = [routerClaim(5, 'worker01'), ...claim(6, 'worker01')];
    expect(address(facts(both)).duplicates).toEqual([]);
    const two = [routerClaim(5, 'worker01'), routerClaim(10, 'worker02')];
    expect(address(facts(two)).duplicates).toMatchObject([
      { from: 10 * SECOND, to: null, kind: 'conflict', machines: ['worker01', 'worker02'] },
    ]);
  });

  test('of what a kernel publishes count as made by hand', () => {
    const fields = { address: IP, holder: 'router', interface: 'eth0' };
    const events = [
      event(5, 'router', 'claim-added', { ...fields, mac: MAC.router ?? '' }),
      event(9, 'router', 'claim-removed', fields),
    ];
    expect(holdings(facts(events))).toEqual(['router 5 9 added removed']);
  });

  test('other addresses that begin alike are others', () => {
    const events = [
      event(1, 'db', 'address-added', { address: '192.168.50.12/24', interface: 'x' }),
    ];
    expect(holdings(facts(events))).toEqual([]);
  });
});

describe('two holders', () => {
  test('for long are a conflict, with the MACs, the answers heard and how often beliefs changed over', () => {
    const events = [
      ...claim(5, 'worker01'),
      event(0, 'printer', 'address-added', { address: `${IP}/24`, interface: 'eth0' }),
      event(0, 'printer', 'powered-off', {}),
      event(20, 'printer', 'powered-on', {}),
      believe(6, 'router', 'worker01'),
      believe(25, 'router', 'printer', 'gratuitous'),
      believe(30, 'router', 'worker01'),
    ];
    const heard = [
      hear(30, 'router', 'worker01', { announces: false }),
      hear(30, 'router', 'printer', { announces: false }),
      hear(31, 'db', 'printer', { announces: false }),
      hear(4, 'db', 'printer', { announces: false }),
    ];
    const { duplicates, moves } = address(facts(events, { heard }));
    expect(duplicates).toEqual([
      {
        from: 20 * SECOND,
        to: null,
        machines: ['worker01', 'printer'],
        macs: [MAC.worker01, MAC.printer],
        kind: 'conflict',
        answers: [1, 2],
        flips: 2,
      },
    ]);
    expect(moves.map(({ clean }) => clean)).toEqual([false]);
  });

  test('for less than a second are a handover, and the failover is clean', () => {
    const events = [
      ...claim(5, 'worker01'),
      ...claim(10, 'worker02'),
      ...release(10.4, 'worker01'),
    ];
    const { duplicates, holdings: held, moves } = address(facts(events));
    expect(duplicates.map(({ kind }) => kind)).toEqual(['handover']);
    expect(held.map(({ overstayed }) => overstayed)).toEqual([null, null]);
    expect(moves).toEqual([
      { from: 'worker01', to: 'worker02', lost: 10.4 * SECOND, taken: 10 * SECOND, clean: true },
    ]);
  });

  test('of which one is unplugged are one', () => {
    const events = [
      ...claim(5, 'worker01'),
      event(9, 'worker01', 'unplugged', {}),
      ...claim(10, 'worker02'),
      event(20, 'worker01', 'plugged-in', {}),
      ...release(25, 'worker01'),
    ];
    const { duplicates, moves } = address(facts(events));
    expect(duplicates.map(({ from, to }) => [from / SECOND, (to ?? 0) / SECOND])).toEqual([
      [20, 25],
    ]);
    expect(moves).toEqual([
      { from: 'worker01', to: 'worker02', lost: 9 * SECOND, taken: 10 * SECOND, clean: true },
    ]);
  });

  test('one that stays after another node’s claim overstays, and its answers are counted', () => {
    const events = [...claim(5, 'worker01'), ...claim(10, 'worker02')];
    const heard = [
      hear(8, 'db', 'worker01', { announces: false }),
      hear(15, 'db', 'worker01', { announces: false }),
      hear(15, 'db', 'worker02', { announces: false }),
    ];
    const [first, second] = address(facts(events, { heard })).holdings;
    expect(first?.overstayed).toEqual({ from: 10 * SECOND, answers: 1 });
    expect(second?.overstayed).toBeNull();
  });
});

describe('announcements', () => {
  const known = { known: MAC.worker02 ?? '' };

  test('know who heard them, and who did not believe them', () => {
    const events = [
      ...claim(1, 'worker02'),
      ...claim(10, 'worker01'),
      announce(10, 'worker01'),
      believe(2, 'db', 'worker02'),
      believe(2, 'router', 'worker02'),
      believe(10.001, 'db', 'worker01', 'gratuitous'),
    ];
    const heard = [
      hear(10.001, 'db', 'worker01', known),
      hear(10.001, 'router', 'worker01', {
        ...known,
        reserve: { why: 'locktime', left: 400e6, rule: null },
      }),
      hear(10.001, 'printer', 'worker01'),
    ];
    const { announcements } = address(facts(events, { heard }));
    expect(announcements).toEqual([
      {
        at: 10 * SECOND,
        machine: 'worker01',
        mac: MAC.worker01,
        form: 'reply',
        heardBy: ['db', 'router'],
        ignoredBy: [{ machine: 'router', why: 'locktime', left: 400e6, rule: null }],
      },
    ]);
  });

  test('that nobody logged are known by who heard them', () => {
    const heard = [
      hear(3, 'db', 'printer', { form: 'request' }),
      hear(3, 'router', 'printer', { form: 'request' }),
    ];
    const { announcements } = address(facts([], { heard }));
    expect(announcements.map(({ at, form, machine }) => [at, form, machine])).toEqual([
      [3 * SECOND, 'request', 'printer'],
    ]);
  });
});

describe('an outage', () => {
  const begun = [...claim(1, 'worker02'), via(1, 'worker02'), believe(2, 'db', 'worker02')];
  const died = [...begun, event(10, 'worker02', 'powered-off', {})];
  const moved = [
    ...died,
    event(25, 'controller', 'node-offline', { node: 'worker02', ip: '192.168.50.145' }),
    via(26, null),
    ...claim(27, 'worker01'),
    via(27, 'worker01'),
  ];

  test('by a failover is told stage by stage, and how it ended', () => {
    const events = [
      ...moved,
      announce(27, 'worker01'),
      believe(27.001, 'db', 'worker01', 'gratuitous'),
    ];
    const given = facts(events, { flows: [flow([[10, 27.5]])] });
    expect(stages(given)).toEqual([
      'probe-not-failed 10 25',
      'being-moved 25 26',
      'no-usable-ip 26 27.001',
      'retry-pending 27.001 27.5',
    ]);
    expect(story(given).ended).toBe(
      `shop got a way out as ${IP}, and db believed the announcement of worker01`,
    );
    expect(address(given).blackHoles.map(({ cause, flows }) => [cause, flows])).toEqual([
      ['probe-not-failed', ['web-to-db']],
      ['being-moved', ['web-to-db']],
      ['no-usable-ip', ['web-to-db']],
    ]);
  });

  test('without an announcement, ended by failed probes', () => {
    const events = [...moved, giveUp(45, 'db'), believe(45.001, 'db', 'worker01')];
    const given = facts(events, { flows: [flow([[10, 45.001]])] });
    expect(stages(given).at(-1)).toBe('no-announcement 27 45.001');
    expect(story(given).ended).toBe(
      'the probes of db failed, it sent a broadcast request, and worker01 answered',
    );
  });

  test('by an announcement that was lost', () => {
    const given = facts([...moved, announce(27, 'worker01')], { flows: [flow([[10, null]])] });
    expect(stages(given).at(-1)).toBe('announcement-lost 27 60');
    expect(story(given).ended).toBe('it had not ended when the run did');
  });

  test.each([
    [
      { why: 'locktime', left: 400e6, rule: null },
      'locktime 27.001 60',
      'within its locktime (400ms left)',
    ],
    [
      { why: 'policy', left: null, rule: 'drop_gratuitous_arp is 1' },
      'announcement-refused 27.001 60',
      'but believes no announcements (drop_gratuitous_arp is 1)',
    ],
    [
      { why: 'permanent', left: null, rule: null },
      'permanent-entry 27.001 60',
      'but its entry is permanent',
    ],
    [null, 'announcement-refused 27.001 60', 'but believes no announcements'],
  ] as const)(
    'by an announcement that was heard and not believed: %s',
    (reserve, expected, says) => {
      const events = [...moved, announce(27, 'worker01')];
      const heard = [hear(27.001, 'db', 'worker01', { known: MAC.worker02 ?? '', reserve })];
      const given = facts(events, { heard, flows: [flow([[27.001, null]])] });
      expect(stages(given)).toEqual([expected]);
      expect(story(given).stages[0]?.text).toBe(
        `db heard the announcement of worker01 ${says}, and still sends to worker02, which has no power`,
      );
    },
  );

  test('behind an entry that is permanent names the entry, whatever was announced', () => {
    const mine = event(2, 'db', 'neighbor-changed', {
      interface: 'eth0',
      address: IP,
      mac: MAC.worker02 ?? '',
      state: 'PERMANENT',
      previousMac: null,
      previousState: 'NONE',
      cause: 'configured',
    });
    const events = [...claim(1, 'worker02'), via(1, 'worker02'), mine];
    const later = [event(10, 'worker02', 'powered-off', {}), ...claim(27, 'worker01')];
    const given = facts([...events, ...later, via(27, 'worker01')], {
      flows: [flow([[27, null]])],
    });
    expect(stages(given)).toEqual(['permanent-entry 27 60']);
    expect(address(given).beliefs[0]?.spans[0]?.permanent).toBe(true);
  });

  test.each([
    ['powered-off', 'has no power'],
    ['unplugged', 'is unplugged'],
  ] as const)('by a holder that is %s says so, and does not call it dead', (kind, state) => {
    const events = [...begun, event(10, 'worker02', kind, {})];
    const given = facts(events, { flows: [flow([[10, null]])] });
    expect(story(given).stages.map(({ text }) => text)).toEqual([
      `worker02 ${state}, and no health check has failed often enough to say so`,
    ]);
  });

  test('after a dispute that the one who is believed did not survive is not blamed on a later claim', () => {
    const events = [
      event(0, 'printer', 'address-added', { address: `${IP}/24`, interface: 'eth0' }),
      event(1, 'worker02', 'address-added', { address: `${IP}/24`, interface: 'eth0' }),
      event(2, 'worker02', 'announced', { address: IP, form: 'request', interface: 'eth0' }),
      believe(2, 'db', 'worker02', 'gratuitous'),
      event(5, 'printer', 'announced', { address: IP, form: 'request', interface: 'eth0' }),
      believe(5, 'db', 'printer', 'gratuitous'),
      event(10, 'printer', 'powered-off', {}),
    ];
    const heard = [
      hear(2, 'db', 'worker02', { form: 'request', known: MAC.printer ?? '' }),
      hear(5, 'db', 'printer', { form: 'request', known: MAC.worker02 ?? '' }),
    ];
    const client = { from: 'db', pod: null, toAddress: IP, observers: ['db'] };
    const given = facts(events, { heard, flows: [flow([[10, 30]], client)] });
    expect(story(given).stages.map(({ cause, text }) => [cause, text])).toEqual([
      [
        'no-announcement',
        'worker02 has announced nothing since, and db still sends to printer, which has no power',
      ],
    ]);
  });

  test('by another holder', () => {
    const events = [
      ...begun,
      event(5, 'printer', 'address-added', { address: `${IP}/24`, interface: 'eth0' }),
      believe(12, 'db', 'printer', 'gratuitous'),
    ];
    expect(stages(facts(events, { flows: [flow([[12, 20]])] }))).toEqual([
      'duplicate-holder 12 20',
    ]);
  });

  test('by a later claim of a MAC that is nobody’s', () => {
    const events = [
      ...begun,
      announce(1.5, 'worker02'),
      believe(12, 'db', '00:00:00:00:00:00', 'gratuitous'),
    ];
    const heard = [hear(3, 'db', 'worker02', { known: MAC.worker02 ?? '' })];
    expect(stages(facts(events, { heard, flows: [flow([[12, 20]])] }))).toEqual([
      'overtaken 12 20',
    ]);
  });

  test.each([
    ['unknown-unicast', 'lan', 'switch-table-stale'],
    ['filter-reject', 'worker02', 'nat-state-missing'],
    ['filter-drop', 'db', 'refused'],
    ['loss', 'uplink', 'wire'],
  ])('that only a drop explains: %s at %s', (reason, device, cause) => {
    const ends = { source: '192.168.50.10', destination: IP };
    const drop = { at: 13 * SECOND, device, reason, ...ends, protocol: 'tcp', ports: [] } as const;
    const given = facts(begun, { drops: [drop], flows: [flow([[12, 20]])] });
    expect(stages(given)).toEqual([`${cause} 12 20`]);
  });

  test('that nothing explains says so', () => {
    const given = facts(begun, { flows: [flow([[12, 20]])] });
    expect(stages(given)).toEqual(['no-answer 12 20']);
    const forgetful = facts(begun, { dropsOmitted: true, flows: [flow([[12, 20]])] });
    expect(stages(forgetful)).toEqual(['unknown 12 20']);
  });

  test('of a host that sends to an address that nobody holds', () => {
    const events = [...claim(1, 'worker02'), ...release(10, 'worker02')];
    const client = { from: 'db', pod: null, toAddress: IP, observers: ['db'] };
    expect(stages(facts(events, { flows: [flow([[10, 20]], client)] }))).toEqual([
      'not-held 10 20',
    ]);
  });

  test('the longest is the one that is told', () => {
    const given = facts(begun, {
      flows: [
        flow([
          [12, 13],
          [20, 29],
          [40, 41],
        ]),
      ],
    });
    expect(story(given)).toMatchObject({ from: 20 * SECOND, longestOutage: 9 * SECOND });
  });
});

test('where nothing was contested and everything was answered there is nothing to say', () => {
  expect(analyze({ ...facts([]), addresses: [], flows: [flow([])] })).toBeNull();
});

test('it is a pure function of the facts', () => {
  const given = facts([...claim(1, 'worker02'), believe(2, 'db', 'worker02')], {
    flows: [flow([[3, 4]])],
  });
  expect(JSON.stringify(analyze(given))).toBe(JSON.stringify(analyze(structuredClone(given))));
});
