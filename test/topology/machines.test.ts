// Hosts and segments, with every default filled in.

import { describe, expect, test } from 'vitest';
import { millis, seconds } from '../../src/sim/time.ts';
import type { MachineSpec } from '../../src/topology/model.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { formatCidr, formatIpv4, parseCidr, parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { formatMac } from '../../src/wire/mac-address.ts';
import { problems, sound } from './support.ts';

/** A lab with one host, whose lines follow. */
function lab(host: string, segments = 'lan: { subnet: 192.168.50.0/24 }'): string {
  return `name: lab\nsegments: { ${segments} }\nhosts:\n  db:\n${host}`;
}

function hostOf(topology: Topology): MachineSpec {
  const [host] = topology.hosts;
  if (host === undefined) throw new Error('no host');
  return host;
}

const host = (text: string, segments?: string): MachineSpec => hostOf(sound(lab(text, segments)));
const ETH0 = '    interfaces: { eth0: { segment: lan, address: 192.168.50.10/24 } }\n';

describe('a segment', () => {
  test('has what nobody said', () => {
    expect(sound('name: x\nsegments: { lan: {} }\n').segments[0]).toMatchObject({
      name: 'lan',
      subnet: null,
      fdbAgeing: seconds(300),
      fdbLimit: 8192,
      mtu: 1500,
      link: {
        latency: 0,
        jitter: 0,
        loss: 0,
        duplicate: 0,
        reorder: 0,
        corrupt: 0,
        bandwidth: null,
        queueLimitBytes: 524_288,
        padded: false,
      },
    });
  });

  test('has all that can be said', () => {
    const text = `name: x
segments:
  lan: { subnet: 10.0.0.0/8, fdbAgeing: 10s, fdbLimit: 4, mtu: 9000, latency: 1ms, jitter: 1us, loss: 1%, duplication: 2%, reordering: 3%, corruption: 4%, bandwidth: 64Kbit, queue: 1500B, padded: true }
`;
    expect(sound(text).segments[0]).toMatchObject({
      subnet: parseCidr('10.0.0.0/8'),
      fdbAgeing: seconds(10),
      fdbLimit: 4,
      mtu: 9000,
      link: {
        latency: millis(1),
        jitter: 1000,
        loss: 0.01,
        duplicate: 0.02,
        reorder: 0.03,
        corrupt: 0.04,
        bandwidth: 64_000,
        queueLimitBytes: 1500,
        padded: true,
      },
    });
  });

  test('may be linked to others, more than once if each link has a name', () => {
    const text = `name: x
segments: { a: {}, b: {} }
links: [{ segments: [a, b], latency: 1ms }, { name: second, segments: [a, b] }]
`;
    expect(sound(text).links.map(({ name, a, b, link }) => [name, a, b, link.latency])).toEqual([
      ['a-b', 'a', 'b', millis(1)],
      ['second', 'a', 'b', 0],
    ]);
  });
});

describe('an interface', () => {
  test('takes the prefix length of its segment when it has none', () => {
    const [own] = host(
      '    interfaces: { eth0: { segment: lan, address: 192.168.50.10 } }\n',
    ).interfaces;
    expect(own?.addresses.map(formatCidr)).toEqual(['192.168.50.10/24']);
  });

  test('may have a prefix length of its own, and several addresses', () => {
    const text =
      '    interfaces: { eth0: { segment: lan, address: 192.168.50.10/32, addresses: [192.168.50.11, 192.168.50.12/25] } }\n';
    expect(host(text).interfaces[0]?.addresses.map(formatCidr)).toEqual([
      '192.168.50.10/32',
      '192.168.50.11/24',
      '192.168.50.12/25',
    ]);
  });

  test('may have no address at all', () => {
    expect(host('    interfaces: { eth0: { segment: lan } }\n').interfaces[0]?.addresses).toEqual(
      [],
    );
  });

  test('may have both addresses of a point-to-point network', () => {
    const text = '    interfaces: { eth0: { segment: p2p, address: 10.0.0.0/31 } }\n';
    expect(host(text, 'p2p: { subnet: 10.0.0.0/31 }').interfaces).toHaveLength(1);
  });

  test('has the cable of its segment but for what it says itself, each way', () => {
    const text =
      '    interfaces: { eth0: { segment: lan, latency: 2ms, out: { loss: 10% }, in: { latency: 3ms }, down: in } }\n';
    const own = host(text, 'lan: { latency: 1ms, bandwidth: 1Gbit, mtu: 9000 }').interfaces[0];
    expect(own?.mtu).toBe(9000);
    expect(own?.cable).toMatchObject({
      out: { latency: millis(2), loss: 0.1, bandwidth: 1e9 },
      in: { latency: millis(3), loss: 0, bandwidth: 1e9 },
      outUp: true,
      inUp: false,
    });
  });

  test('with both directions down is dark from the start', () => {
    const [own] = host('    interfaces: { eth0: { segment: lan, down: both } }\n').interfaces;
    expect(own?.cable).toMatchObject({ outUp: false, inUp: false });
  });
});

describe('a MAC address', () => {
  const macs = (text: string): string[] =>
    sound(text).hosts.flatMap(({ interfaces }) => interfaces.map(({ mac }) => formatMac(mac)));

  test('is the one that was given', () => {
    expect(
      macs(lab('    interfaces: { eth0: { segment: lan, mac: 52-54-00-AB-CD-EF } }\n')),
    ).toEqual(['52:54:00:ab:cd:ef']);
  });

  test('is derived from lab, host and interface, and spells the end of the address', () => {
    const [mac = ''] = macs(lab(ETH0));
    expect(mac).toMatch(/^02:00:[0-9a-f]{2}:[0-9a-f]{2}:00:10$/);
    expect(macs(lab(ETH0))).toEqual([mac]);
    for (const [one, other] of [
      ['name: lab', 'name: other'],
      ['eth0', 'eth1'],
    ] as const) {
      expect(macs(lab(ETH0).replace(one, other))).not.toEqual([mac]);
    }
  });

  test('does not change when the lab gets another host', () => {
    const before = macs(lab(ETH0));
    const after = macs(
      `${lab(ETH0)}  aa:\n    interfaces: { eth0: { segment: lan, address: 192.168.50.11 } }\n`,
    );
    expect(after.slice(0, 1)).toEqual(before);
  });

  test('is nobody else’s, not even a given one’s, in a lab of thousands', () => {
    const hosts = Array.from(
      { length: 4000 },
      (_, i) => `  h${i}: { interfaces: { eth0: { segment: lan } } }\n`,
    );
    const all = macs(`name: lab\nsegments: { lan: {} }\nhosts:\n${hosts.join('')}`);
    expect(new Set(all).size).toBe(4000);
    const [first = ''] = all;
    const fixed = macs(
      `name: lab\nsegments: { lan: {} }\nhosts:\n${hosts[0]}  other: { interfaces: { eth0: { segment: lan, mac: "${first}" } } }\n`,
    );
    expect(fixed[1]).toBe(first);
    expect(fixed[0]).not.toBe(first);
  });

  test('may be given twice on purpose', () => {
    const twice = 'interfaces: { eth0: { segment: lan, mac: 02:00:00:00:00:01 } }';
    expect(
      problems(`name: x\nsegments: { lan: {} }\nhosts: { a: { ${twice} }, b: { ${twice} } }\n`),
    ).toEqual([]);
  });
});

test('two hosts may have one address: that is what the lab is for', () => {
  const own = 'interfaces: { eth0: { segment: lan, address: 192.168.50.120/24 } }';
  expect(
    problems(
      `name: x\nsegments: { lan: { subnet: 192.168.50.0/24 } }\nhosts: { a: { ${own} }, b: { ${own} } }\n`,
    ),
  ).toEqual([]);
});

describe('routes', () => {
  const routes = (lines: string): unknown[] =>
    host(
      `    interfaces: { eth0: { segment: lan, address: 192.168.50.10/24 }, eth1: { segment: core, address: 10.0.0.1/8 } }\n${lines}`,
      'lan: { subnet: 192.168.50.0/24 }, core: {}',
    ).routes.map(({ position: _position, ...route }) => route);
  const NOTHING = { type: 'unicast', via: null, dev: null, source: null, metric: 0, table: 254 };

  test('a gateway is a default route by the interface that reaches it', () => {
    expect(routes('    gateway: 10.0.0.254\n')).toEqual([
      { ...NOTHING, to: parseCidr('0.0.0.0/0'), via: parseIpv4('10.0.0.254'), dev: 'eth1' },
    ]);
  });

  test('all that ip route takes', () => {
    const lines = `    routes:
      - { to: default, via: 192.168.50.1, src: 192.168.50.10, metric: 100 }
      - { to: 203.0.113.7, dev: eth1 }
      - { to: 198.51.100.0/24, via: 172.16.0.1, dev: eth0 }
      - { to: 172.16.0.0/12, type: unreachable }
`;
    expect(routes(lines)).toEqual([
      {
        ...NOTHING,
        to: parseCidr('0.0.0.0/0'),
        via: parseIpv4('192.168.50.1'),
        dev: 'eth0',
        source: parseIpv4('192.168.50.10'),
        metric: 100,
        table: 254,
      },
      { ...NOTHING, to: parseCidr('203.0.113.7/32'), dev: 'eth1' },
      // Told which interface, Linux asks no more about the next hop than the lab does.
      { ...NOTHING, to: parseCidr('198.51.100.0/24'), via: parseIpv4('172.16.0.1'), dev: 'eth0' },
      { ...NOTHING, to: parseCidr('172.16.0.0/12'), type: 'unreachable' },
    ]);
  });
});

describe('source NAT', () => {
  const rules = (snat: string): object[] => {
    const [own] = host(`    interfaces: { eth0: { segment: lan, snat: ${snat} } }\n`).interfaces;
    return (own?.snat ?? []).map(({ position: _position, ...rule }) => rule);
  };
  const ANY = {
    source: null,
    destination: null,
    protocol: null,
    to: 'masquerade',
    ports: null,
    random: false,
    randomFully: false,
    persistent: false,
  };

  test.each(['masquerade', '{}', '[{}]'])('%s masquerades all', (snat) => {
    expect(rules(snat)).toEqual([ANY]);
  });

  test('a list of rules keeps its order', () => {
    expect(
      rules(
        '[{ from: 10.0.0.0/24, protocol: tcp, to: [203.0.113.1, 203.0.113.4-203.0.113.6], ports: 1024-2047, randomFully: true }, { destination: 198.51.100.7, to: 203.0.113.9, random: true, persistent: true }]',
      ),
    ).toEqual([
      {
        ...ANY,
        source: parseCidr('10.0.0.0/24'),
        protocol: 'tcp',
        to: [
          { low: parseIpv4('203.0.113.1'), high: parseIpv4('203.0.113.1') },
          { low: parseIpv4('203.0.113.4'), high: parseIpv4('203.0.113.6') },
        ],
        ports: { low: 1024, high: 2047 },
        randomFully: true,
      },
      {
        ...ANY,
        destination: parseCidr('198.51.100.7/32'),
        to: [{ low: parseIpv4('203.0.113.9'), high: parseIpv4('203.0.113.9') }],
        random: true,
        persistent: true,
      },
    ]);
  });
});

describe('a firewall', () => {
  const rules = (lines: string): object[] =>
    host(`${ETH0}    firewall: ${lines}\n`).firewall.map(
      ({ position: _position, ...rule }) => rule,
    );
  const ANY = {
    chain: 'input',
    from: [],
    to: [],
    protocol: null,
    ports: null,
    icmpType: null,
    inInterface: null,
    outInterface: null,
    states: [],
  };

  test('matches everything, or one protocol, or one port', () => {
    expect(rules('[{ drop: {} }, { reject: { tcp: any } }, { accept: { udp: 53 } }]')).toEqual([
      { ...ANY, action: 'drop' },
      { ...ANY, action: 'reject', protocol: 'tcp' },
      { ...ANY, action: 'accept', protocol: 'udp', ports: { low: 53, high: 53 } },
    ]);
  });

  test('matches ICMP by type', () => {
    expect(
      rules('[{ drop: { icmp: echo } }, { drop: { icmp: any } }, { drop: { icmp: 5 } }]'),
    ).toEqual([
      { ...ANY, action: 'drop', protocol: 'icmp', icmpType: 8 },
      { ...ANY, action: 'drop', protocol: 'icmp' },
      { ...ANY, action: 'drop', protocol: 'icmp', icmpType: 5 },
    ]);
  });

  test('matches addresses, interfaces, states and what is forwarded', () => {
    expect(
      rules(
        '[{ accept: { chain: forward, from: [192.168.50.0/25, 10.0.0.1], to: 10.0.0.0/8, in: eth0, out: eth0, state: [established, related] } }]',
      ),
    ).toEqual([
      {
        ...ANY,
        action: 'accept',
        chain: 'forward',
        from: [parseCidr('192.168.50.0/25'), parseCidr('10.0.0.1/32')],
        to: [parseCidr('10.0.0.0/8')],
        inInterface: 'eth0',
        outInterface: 'eth0',
        states: ['established', 'related'],
      },
    ]);
  });

  test('has directions that make sense only', () => {
    const rest = (lines: string): string[] =>
      problems(lab(`${ETH0}    firewall: ${lines}\n`)).map((problem) =>
        problem.replace(/^\S+ /, ''),
      );
    expect(rest('[{ drop: { out: eth0 } }]')).toEqual([
      'what comes to this host has no interface to leave by → add "chain: forward"',
    ]);
    expect(rest('[{ drop: { chain: output, in: eth0 } }]')).toEqual([
      'what this host sends did not arrive on an interface → use "out"',
    ]);
  });
});

describe('services', () => {
  test('listen on one address or on all', () => {
    const text = `${ETH0}    services: [{ tcp: 7, app: echo, address: 192.168.50.10 }, { udp: 7, app: echo }]\n`;
    expect(host(text).services).toMatchObject([
      { protocol: 'tcp', port: 7, address: parseIpv4('192.168.50.10'), app: 'echo' },
      { protocol: 'udp', port: 7, address: null },
    ]);
  });

  test('may share a port on different addresses', () => {
    const text = `${ETH0}    services: [{ tcp: 7, app: echo, address: 192.168.50.10 }, { tcp: 7, app: discard, address: 192.168.50.11 }]\n`;
    expect(problems(lab(text))).toEqual([]);
  });
});

describe('sysctls', () => {
  const settings = (lines: string): unknown[] =>
    host(lines).sysctls.map(({ name, value, interface: own }) => [name, value, own]);

  test('of the host come before those of its interfaces, short or in full', () => {
    const text = `    interfaces: { eth0: { segment: lan, sysctls: { arp_ignore: 1 } } }
    sysctls: { arp_announce: 2, net.ipv4.conf.eth0.arp_notify: true, net/ipv4/neigh/default/gc_thresh1: 1, ip_forward: 1 }
`;
    expect(settings(text)).toEqual([
      ['arp_announce', 2, null],
      ['net.ipv4.conf.eth0.arp_notify', 1, null],
      ['net.ipv4.neigh.default.gc_thresh1', 1, null],
      ['ip_forward', 1, null],
      ['arp_ignore', 1, 'eth0'],
    ]);
  });

  test('of several machines do not mix', () => {
    const text = `name: x
segments: { lan: {} }
hosts:
  a: { interfaces: { eth0: { segment: lan } }, sysctls: { arp_accept: 1 } }
  b: { interfaces: { eth0: { segment: lan } } }
`;
    expect(sound(text).hosts.map(({ sysctls }) => sysctls.length)).toEqual([1, 0]);
  });
});

describe('a flow', () => {
  const flow = (text: string): object => {
    const flows = `scenario: { duration: 60s, flows: { calls: ${text} } }\n`;
    const [only] = sound(`${lab(ETH0)}${flows}`).scenario.flows;
    const { position: _position, ...rest } = only ?? { position: null };
    return rest;
  };

  test('has what nobody said', () => {
    expect(flow('{ from: db, to: db, tcp: 80 }')).toEqual({
      name: 'calls',
      from: 'db',
      source: null,
      sourcePort: null,
      to: parseIpv4('192.168.50.10'),
      toName: 'db',
      protocol: 'tcp',
      port: 80,
      every: seconds(1),
      start: 0,
      stop: null,
      count: null,
      size: 56,
      connection: 'per-request',
      speaksFirst: 'client',
      timeout: seconds(1),
    });
  });

  test('has all that can be said', () => {
    expect(
      flow(
        '{ from: db, to: 10.0.0.1, tcp: 80, source: 192.168.50.10, every: 10ms, start: 1s, stop: 2s, count: 5, size: 1000, connection: persistent, speaksFirst: server, timeout: 3s }',
      ),
    ).toMatchObject({
      source: parseIpv4('192.168.50.10'),
      to: parseIpv4('10.0.0.1'),
      toName: null,
      every: millis(10),
      start: seconds(1),
      stop: seconds(2),
      count: 5,
      size: 1000,
      connection: 'persistent',
      speaksFirst: 'server',
      timeout: seconds(3),
    });
  });
});

describe('a capture', () => {
  const capture = (lines: string): Topology['capture'] => sound(`${lab(ETH0)}${lines}`).capture;

  test('takes every interface and all drops when nothing is said', () => {
    expect(capture('').ports.map(({ text }) => text)).toEqual(['db/eth0', 'drops']);
    expect(capture('capture: { format: pcap }\n')).toMatchObject({ format: 'pcap' });
  });

  test.each(['db/eth0', 'db', 'db/*', '*/eth0', '*', 'lan/*', 'drops', 'd*/eth?'])(
    'takes %s',
    (text) => {
      expect(capture(`capture: ["${text}"]\n`)).toMatchObject({
        format: 'pcapng',
        ports: [{ text }],
      });
    },
  );

  test('knows where each port was asked for', () => {
    const [port] = capture('capture: [db/eth0]\n').ports;
    expect(port?.position).toMatchObject({ line: 6, column: 11, path: 'capture[0]' });
  });
});

test('a lab without a scenario is a lab for a program', () => {
  expect(sound('name: x\nsegments: { lan: {} }\n').scenario).toEqual({
    duration: 0,
    flows: [],
    steps: [],
  });
});

test('addresses of the model are numbers', () => {
  const [own] = host(ETH0).interfaces;
  expect(own?.addresses[0] && formatIpv4(own.addresses[0].address)).toBe('192.168.50.10');
});
