// What lets a big file say a thing once, and where its mistakes are reported.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type ParseOptions, parseTopology, topologyFromObject } from '../../src/topology/parse.ts';
import type { IncludeReader } from '../../src/topology/reuse/include.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { formatCidr, formatIpv4 } from '../../src/wire/ipv4-address.ts';
import { formatMac } from '../../src/wire/mac-address.ts';

type Given = Partial<ParseOptions>;

function problems(text: string, options: Given = {}): string[] {
  const { diagnostics } = parseTopology(text, { file: 'lab.yaml', ...options });
  return diagnostics.map(({ message, position, remedy }) => {
    const where = `${position.file}:${position.line}:${position.column}`;
    return `${where} ${message}${remedy === null ? '' : ` → ${remedy}`}`;
  });
}

function sound(text: string, options: Given = {}): Topology {
  expect(problems(text, options)).toEqual([]);
  const { topology } = parseTopology(text, { file: 'lab.yaml', ...options });
  if (topology === null) throw new Error('no topology');
  return topology;
}

function files(texts: Readonly<Record<string, string>>): IncludeReader {
  return (name) => {
    const text = texts[name];
    return text === undefined
      ? { problem: `there is no file ${name} beside this one`, remedy: null }
      : { text };
  };
}

const LAN = 'name: x\nsegments: { lan: { subnet: 10.0.0.0/22 } }\n';

describe('merge keys', () => {
  test('give two workers of a public report what they share', () => {
    const url = new URL('../fixtures/reports/yaml-shared-defaults/topology.yaml', import.meta.url);
    const { cluster } = sound(readFileSync(url, 'utf8'));
    const [master, ...workers] = cluster?.nodes ?? [];
    expect(master?.machine.sysctls).toEqual([]);
    expect(workers.map(({ name }) => name)).toEqual(['w1', 'w2']);
    for (const { machine } of workers) {
      expect(machine.sysctls).toMatchObject([{ name: 'arp_accept', value: 1 }]);
    }
  });

  test('let what stands there win, and the first of several bases', () => {
    const { hosts } = sound(
      `${LAN}x-a: &a { forwarding: true }\nx-b: &b { forwarding: false, observer: strict }\nhosts:\n  r: { <<: [*a, *b], interfaces: { eth0: { segment: lan, address: 10.0.0.1 } } }\n  s: { interfaces: { eth0: { segment: lan, address: 10.0.0.2 } }, observer: linux, <<: *b }\n`,
    );
    expect(hosts.map(({ forwarding, observer }) => [forwarding, observer])).toEqual([
      [true, 'strict'],
      [false, 'linux'],
    ]);
  });

  test('lead back to the line where the mistake was made', () => {
    const text = `${LAN}x-a: &a { forwardin: true }\nhosts:\n  r: { <<: *a, interfaces: { eth0: { segment: lan } } }\n`;
    expect(problems(text)).toEqual([
      'lab.yaml:3:11 unknown key "forwardin" → did you mean "forwarding"?',
    ]);
  });

  test('cannot multiply without bound', () => {
    const levels = Array.from({ length: 30 }, (_, at) => {
      const base = `*l${at}`;
      return `x-${at + 1}: &l${at + 1} { a: ${base}, b: ${base}, <<: ${base} }`;
    });
    const text = `${LAN}x-0: &l0 { k: 1 }\n${levels.join('\n')}\n`;
    expect(problems(text)[0]).toContain('the file expands to more than 250000 values');
  });
});

describe('defaults', () => {
  test('reach all of a kind, and give way to what each says', () => {
    const { hosts, scenario, segments } = sound(
      `${LAN}defaults:\n  segment: { latency: 1ms }\n  host: { sysctls: { arp_accept: 1, arp_ignore: 1 } }\n  interface: { segment: lan }\n  flow: { every: 250ms, icmp: echo }\nhosts:\n  a: { interfaces: { eth0: { address: 10.0.0.1 } }, sysctls: { arp_ignore: 0 } }\n  b: { interfaces: { eth0: { address: 10.0.0.2 } } }\nscenario: { duration: 2s, flows: { p: { from: a, to: b } } }\n`,
    );
    expect(segments[0]?.link.latency).toBe(1_000_000);
    const settings = hosts.map(({ sysctls }) =>
      sysctls.map(({ name, value }) => `${name}=${value}`),
    );
    expect(settings.map((each) => each.sort())).toEqual([
      ['arp_accept=1', 'arp_ignore=0'],
      ['arp_accept=1', 'arp_ignore=1'],
    ]);
    expect(scenario.flows[0]?.every).toBe(250_000_000);
  });

  test('that are wrong are reported once, where they stand', () => {
    const text = `${LAN}defaults:\n  host: { forwarding: maybe }\n  hots: {}\nhosts:\n  a: { interfaces: { eth0: { segment: lan } } }\n  b: { interfaces: { eth0: { segment: lan } } }\n`;
    expect(problems(text)).toEqual([
      'lab.yaml:4:23 expected true or false, found "maybe"',
      'lab.yaml:5:3 there are no defaults for "hots" → did you mean "host"?',
    ]);
  });

  test('work in a topology built in code', () => {
    const { topology } = topologyFromObject({
      name: 'x',
      segments: { lan: { subnet: '10.0.0.0/24' } },
      defaults: { host: { forwarding: true } },
      hosts: { r: { count: 2, interfaces: { eth0: { segment: 'lan', address: '10.0.0.1' } } } },
    });
    expect(topology?.hosts.map(({ forwarding, name }) => [name, forwarding])).toEqual([
      ['r-1', true],
      ['r-2', true],
    ]);
  });
});

describe('count', () => {
  test('makes a thousand hosts, each with the next address', () => {
    const { hosts } = sound(
      `${LAN}hosts:\n  c: { count: 1000, interfaces: { eth0: { segment: lan, address: 10.0.0.1, mac: "02:00:00:00:00:ff" } }, gateway: 10.0.3.254 }\n  db: { interfaces: { eth0: { segment: lan, address: 10.0.3.254 } } }\n`,
    );
    expect(hosts).toHaveLength(1001);
    const { interfaces, name, routes } = hosts[255] ?? {};
    expect(name).toBe('c-256');
    expect(interfaces?.[0]?.addresses.map(formatCidr)).toEqual(['10.0.1.0/22']);
    expect(formatMac(interfaces?.[0]?.mac ?? hosts[0]?.interfaces[0]?.mac ?? never())).toBe(
      '02:00:00:00:01:fe',
    );
    expect(routes?.[0]?.via).toBe(hosts[1000]?.interfaces[0]?.addresses[0]?.address);
  });

  test('makes pods with addresses of their own', () => {
    const { cluster } = sound(
      `${LAN}cluster:\n  fabric: openshift-sdn\n  segment: lan\n  nodes: { m: { role: master, address: 10.0.0.10 }, w: { address: 10.0.0.11 } }\n  namespaces: { shop: {} }\n  pods: { web: { count: 3, namespace: shop, node: w } }\n`,
    );
    const pods = cluster?.pods ?? [];
    expect(pods.map(({ name }) => name)).toEqual(['web-1', 'web-2', 'web-3']);
    expect(new Set(pods.map(({ address }) => formatIpv4(address.address))).size).toBe(3);
  });

  test.each([['0'], ['many'], ['20000']])('of %s is refused', (count) => {
    const text = `${LAN}hosts: { c: { count: ${count}, interfaces: { eth0: { segment: lan } } } }\n`;
    expect(problems(text)).toEqual(['lab.yaml:3:22 expected a number from 1 to 10000']);
  });

  test('that leaves the subnet is reported at the address, once for each', () => {
    const text = `${LAN}hosts: { c: { count: 2, interfaces: { eth0: { segment: lan, address: 10.0.3.255 } } } }\n`;
    expect(problems(text).map((each) => each.replace(/ → .*/, ''))).toEqual([
      'lab.yaml:3:70 10.0.3.255 is the broadcast address of the network 10.0.0.0/22',
      'lab.yaml:3:70 10.0.4.0 is outside 10.0.0.0/22, the subnet of segment "lan"',
    ]);
  });
});

describe('variables', () => {
  const TEXT = `${LAN}hosts:\n  a: { interfaces: { eth0: { segment: lan, address: "10.0.0.\${LAST:-7}" } }, services: [{ tcp: "\${PORT}", app: whoami }] }\n`;

  test('stand for what was set, typed as if it stood there, or for their default', () => {
    const { hosts } = sound(TEXT, { set: { PORT: '8080' } });
    expect(hosts[0]?.services[0]?.port).toBe(8080);
    expect(hosts[0]?.interfaces[0]?.addresses.map(formatCidr)).toEqual(['10.0.0.7/22']);
    const other = sound(TEXT, { set: { PORT: '80', LAST: '9' } });
    expect(other.hosts[0]?.interfaces[0]?.addresses.map(formatCidr)).toEqual(['10.0.0.9/22']);
    expect(other.digest).not.toBe(sound(TEXT, { set: { PORT: '80' } }).digest);
  });

  test('without a value, or a value without a use, are reported', () => {
    expect(problems(TEXT, { set: { PRT: '80' } })).toEqual([
      'lab.yaml:1:1 "PRT" was given a value, and the file does not use it → did you mean PORT?',
      `lab.yaml:4:96 "PORT" has no value → give it with --set PORT=value, or write \${PORT:-default}`,
    ]);
    expect(problems(`name: x\ndescription: a \${1} b\nsegments: {}\n`)).toEqual([
      `lab.yaml:2:14 "\${1}" is no variable → write \${NAME} or \${NAME:-default}, or $\${ for a plain "\${"`,
    ]);
  });

  test('are none after a second dollar sign, and in values that nobody expands again', () => {
    const text = `${LAN}description: "$\${HOME} \${A}"\n`;
    expect(sound(text, { set: { A: `\${B}` } }).description).toBe(`\${HOME} \${B}`);
  });
});

describe('include', () => {
  const HOSTS =
    'hosts:\n  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2 } } }\nscenario:\n  steps: [{ at: 1s, ping: 10.0.0.1, from: b }]\n';

  test('joins sections name by name, and lists of steps', () => {
    const text = `${LAN}include: hosts.yaml\nhosts: { a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1 } } } }\nscenario:\n  duration: 5s\n  steps: [{ at: 2s, ping: 10.0.0.2, from: a }]\n`;
    const { hosts, scenario } = sound(text, { include: files({ 'hosts.yaml': HOSTS }) });
    expect(hosts.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(scenario.steps.map(({ at }) => at)).toEqual([1e9, 2e9]);
  });

  test('reports a mistake in the file in which it was made', () => {
    const text = `${LAN}include: [hosts.yaml]\nscenario: { duration: 5s }\n`;
    const broken = HOSTS.replace('10.0.0.2', '10.99.0.2');
    expect(problems(text, { include: files({ 'hosts.yaml': broken }) })[0]).toMatch(
      /^hosts\.yaml:2:\d+ 10\.99\.0\.2 is outside 10\.0\.0\.0\/22/,
    );
  });

  test.each([
    ['../hosts.yaml', 'expected the name of a file beside this one'],
    ['/etc/hosts.yaml', 'expected the name of a file beside this one'],
    ['none.yaml', 'there is no file none.yaml beside this one'],
    ['lab.yaml', 'lab.yaml is part of this topology already'],
    ['circle.yaml', 'circle.yaml is part of this topology already'],
    ['list.yaml', 'list.yaml has no sections'],
  ])('of %s is refused', (name, message) => {
    const include = files({ 'circle.yaml': 'include: circle.yaml\n', 'list.yaml': '[1]\n' });
    expect(problems(`${LAN}include: ${name}\n`, { include })[0]).toContain(message);
  });

  test('needs a file around the topology', () => {
    expect(problems(`${LAN}include: hosts.yaml\n`)[0]).toContain('there is no file around');
  });
});

function never(): never {
  throw new Error('the host has an interface');
}
