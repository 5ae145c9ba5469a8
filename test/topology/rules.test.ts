// `rules:` and routes in tables of their own.

import { describe, expect, test } from 'vitest';
import { createLab } from '../../src/lab/lab.ts';
import { routeLines } from '../../src/view/routes.ts';
import { ruleLine, ruleRows } from '../../src/view/rules.ts';
import { problems, sound } from './support.ts';

function lab(more: string, steps = ''): string {
  return `name: lab
segments: { lan: { subnet: 10.0.0.0/24 }, wan: { subnet: 10.1.0.0/24 } }
hosts:
  a:
    interfaces:
      eth0: { segment: lan, address: 10.0.0.1/24 }
      eth1: { segment: wan, address: 10.1.0.1/24 }
    gateway: 10.0.0.254
    ${more}
scenario:
  duration: 1s
  steps: [${steps}]
`;
}

function printed(more: string): string[] {
  return ruleRows(createLab(sound(lab(more))).stack('a')).map(ruleLine);
}

const LAST = ['32766:\tfrom all lookup main', '32767:\tfrom all lookup default'];

describe('rules', () => {
  test('print as ip rule does', () => {
    const rules = `rules:
      - { priority: 10, from: 10.1.0.1, table: 2 }
      - { priority: 11, to: 192.0.2.0/24, iif: eth0, type: prohibit }
      - { priority: 12, fwmark: 0x10/0xf0, oif: eth1, table: main }
      - { priority: 13, fwmark: 9, iif: lo, type: blackhole }
      - { priority: 14, type: unreachable }`;
    expect(printed(rules)).toEqual([
      '0:\tfrom all lookup local',
      '10:\tfrom 10.1.0.1 lookup 2',
      '11:\tfrom all to 192.0.2.0/24 iif eth0 prohibit',
      '12:\tfrom all fwmark 0x10/0xf0 oif eth1 lookup main',
      '13:\tfrom all fwmark 0x9 iif lo blackhole',
      '14:\tfrom all unreachable',
      ...LAST,
    ]);
  });

  test('without a priority stand before those above', () => {
    expect(printed('rules: [{ table: 5 }, { table: 6 }]')).toEqual([
      '0:\tfrom all lookup local',
      '32764:\tfrom all lookup 6',
      '32765:\tfrom all lookup 5',
      ...LAST,
    ]);
  });

  test('may be the same but for the table', () => {
    expect(printed('rules: [{ priority: 1, table: 5 }, { priority: 1, table: 6 }]')).toHaveLength(
      5,
    );
  });

  test('are told what is wrong with them, all at once', () => {
    const rules = `rules:
      - { from: 10.1.0.1 }
      - { table: 2, type: prohibit }
      - { iif: eth7, table: 2 }
      - { priority: 9, table: 2 }
      - { priority: 9, table: 2 }`;
    expect(problems(lab(rules, '{ at: 0s, addRule: { oif: eth9, table: 1 }, on: a }'))).toEqual([
      '10:9 a rule needs "table", or a "type" that ends the way → such as "table: 2" or "type: unreachable"',
      '11:9 a rule of type prohibit asks no table → such as "table: 2" or "type: unreachable"',
      '12:16 there is no interface "eth7" → did you mean "eth0"?',
      '14:9 this rule stands above already → remove one',
      '17:37 there is no interface "eth9" → did you mean "eth0"?',
    ]);
    expect(problems(lab('rules: [{ table: 255 }]'))).toEqual([
      '9:22 table 255 is the local table: it holds the addresses of the machine',
    ]);
    expect(problems(lab('rules: [{ fwmark: 0xg, table: 1 }]'))).toEqual([
      '9:23 expected a mark, such as 9, 0x100 or 0x100/0xff00, found "0xg"',
    ]);
  });
});

describe('a route with a table', () => {
  test('stands in it, beside one of the main table with the same prefix', () => {
    const routes = 'routes: [{ to: default, via: 10.1.0.254, table: 2 }]';
    const stack = createLab(sound(lab(routes))).stack('a');
    expect(routeLines(stack)).toEqual([
      '10.0.0.0/24 dev eth0 scope link src 10.0.0.1',
      '10.1.0.0/24 dev eth1 scope link src 10.1.0.1',
      'default via 10.0.0.254 dev eth0',
      'default via 10.1.0.254 dev eth1 table 2',
    ]);
  });

  test('may repeat the network of an address, but not itself', () => {
    const twice = `routes:
      - { to: 10.1.0.0/24, dev: eth1, table: 2 }
      - { to: 10.1.0.0/24, dev: eth0, table: 2 }`;
    expect(problems(lab(twice))).toEqual([
      '11:15 there is a route to 10.1.0.0/24 above → remove one, or give it another "metric"',
    ]);
  });
});
