import { describe, expect, test } from 'vitest';
import { selectPorts } from '../../src/capture/port-selector.ts';

const PORTS = [
  'worker01/enp1s0',
  'worker02/enp1s0',
  'worker02/tun0',
  'worker02.example/enp1s0',
  'lan/worker01.enp1s0',
  'lan/db.eth0',
  'db/eth0',
].map((name) => ({ name }));

function picked(...selectors: string[]): string[] {
  return selectPorts(selectors, PORTS).ports.map((port) => port.name);
}

describe('selectPorts', () => {
  test.each([
    ['worker02/enp1s0', ['worker02/enp1s0']],
    ['*/enp1s0', ['worker01/enp1s0', 'worker02/enp1s0', 'worker02.example/enp1s0']],
    ['lan/*', ['lan/worker01.enp1s0', 'lan/db.eth0']],
    ['worker02', ['worker02/enp1s0', 'worker02/tun0']],
    ['worker0*/enp1s0', ['worker01/enp1s0', 'worker02/enp1s0', 'worker02.example/enp1s0']],
    ['worker02.*/*', ['worker02.example/enp1s0']],
    ['*/*', PORTS.map((port) => port.name)],
    ['*k*0*/e*p*s0', ['worker01/enp1s0', 'worker02/enp1s0', 'worker02.example/enp1s0']],
    ['*', PORTS.map((port) => port.name)],
  ])('%s picks its ports', (selector, expected) => {
    const selection = selectPorts([selector], PORTS);
    expect(selection.ports.map((port) => port.name)).toEqual(expected);
    expect(selection.unmatched).toEqual([]);
  });

  test('each port is picked once, in the order of the lab', () => {
    expect(picked('db/eth0', 'worker01/enp1s0', '*/eth0')).toEqual(['worker01/enp1s0', 'db/eth0']);
  });

  test('drops is no port', () => {
    expect(selectPorts(['drops', 'db/eth0'], PORTS)).toMatchObject({ drops: true, unmatched: [] });
    expect(selectPorts(['*/*'], PORTS).drops).toBe(false);
  });

  test.each([
    '',
    'worker2/enp1s0',
    'WORKER02/enp1s0',
    'worker02/',
    '/enp1s0',
    'worker02/enp1s',
    'worker02xexample/enp1s0',
    'lan/db/eth0',
    'worker.2/enp1s0',
    '[d]b/eth0',
    'db/eth0|lan',
    ' db/eth0',
    'db*b/eth0',
    'db/e*0*0',
    `${'*a'.repeat(5000)}/eth0`,
  ])('%j picks nothing, and is returned', (selector) => {
    expect(selectPorts([selector, 'db/eth0'], PORTS)).toEqual({
      ports: [{ name: 'db/eth0' }],
      drops: false,
      unmatched: [selector],
    });
  });
});

test('a list of twenty thousand ports is looked up, not compared port by port', () => {
  const ports = Array.from({ length: 20_000 }, (_, at) => ({ name: `h${at}/eth0` }));
  const selectors = ports.map(({ name }) => name);
  expect(selectPorts(selectors, ports)).toEqual({ ports, drops: false, unmatched: [] });
});

test('the work is bounded, however many asterisks and patterns there are', () => {
  const ports = Array.from({ length: 2000 }, (_, n) => ({ name: `host${n}/eth0` }));
  const stars = '*'.repeat(100_000);
  expect(selectPorts([`${stars}1999/e${stars}0`], ports).ports).toEqual([ports[1999]]);
  expect(selectPorts([`${'*a'.repeat(50_000)}/eth0`], ports).ports).toEqual([]);
  const many = Array.from({ length: 101 }, (_, n) => `*${n}/eth0`);
  expect(selectPorts(many.slice(0, 100), ports).ports.length).toBe(2000);
  expect(() => selectPorts(many, ports)).toThrow('101 patterns of ports are too many');
});
