// Cables, power and partitions: what is down for two reasons stays down until both are gone, and what
// is put right is as it was.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { topologyOf } from '../support/scenarios.ts';

const LAN = `name: faults
segments: { lan: { subnet: 10.0.0.0/24 } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1 } } }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2 } } }
  c: { interfaces: { eth0: { segment: lan, address: 10.0.0.3 } } }
`;

function lan(text: string = LAN): Lab {
  return createLab(topologyOf(text, 'faults.yaml'));
}

/** True if an answer comes to one of a few requests: an entry that has just failed swallows the first. */
function pings(lab: Lab, from: string, to: string): boolean {
  const address = parseIpv4(to);
  if (address === null) throw new Error(to);
  let heard = false;
  const socket = lab.stack(from).icmp.openEcho({
    onReply: () => {
      heard = true;
    },
    onError: () => {},
  });
  for (let sequence = 1; sequence <= 6 && !heard; sequence++) {
    socket.send(address, sequence);
    lab.advance('1s');
  }
  socket.close();
  return heard;
}

const A = { kind: 'interface', machine: 'a', interface: 'eth0' } as const;
const kinds = (lab: Lab): string[] =>
  lab.events.events
    .map(({ source, kind }) => `${source} ${kind}`)
    .filter((line) => !/neighbor|address-added|fdb/.test(line));

describe('reasons for having no carrier', () => {
  test('power and plug: both must be put right', () => {
    const lab = lan();
    lab.fail('a', 'unplugged');
    lab.fail('a', 'power-off');
    lab.faults.powerOn(lab.machine('a'));
    expect(lab.stack('a').interface('eth0')?.operational).toBe(false);
    expect(pings(lab, 'b', '10.0.0.1')).toBe(false);
    lab.faults.plugIn(lab.machine('a'));
    expect(pings(lab, 'b', '10.0.0.1')).toBe(true);
  });

  test('restore undoes both, but not a cable that somebody took down', () => {
    const lab = lan();
    lab.setLink(A, false);
    lab.fail('a', 'unplugged');
    lab.fail('a');
    lab.restore('a');
    expect(pings(lab, 'b', '10.0.0.1')).toBe(false);
    lab.setLink(A, true);
    expect(pings(lab, 'b', '10.0.0.1')).toBe(true);
  });

  test('once is enough, down and up', () => {
    const lab = lan();
    lab.setLink(A, false);
    lab.setLink(A, false);
    lab.setLink(A, true);
    expect(pings(lab, 'b', '10.0.0.1')).toBe(true);
    lab.fail('a');
    lab.fail('a');
    lab.restore('a');
    lab.restore('a');
    expect(pings(lab, 'b', '10.0.0.1')).toBe(true);
  });

  test('any sequence of failures and repairs: frames pass exactly when nothing is wrong', () => {
    const verb = fc.constantFrom(
      'power off',
      'power on',
      'unplug',
      'plug in',
      'down',
      'up',
      'out down',
      'out up',
      'in down',
      'in up',
    );
    fc.assert(
      fc.property(fc.array(verb, { maxLength: 14 }), (verbs) => {
        const lab = lan();
        const wrong = new Set<string>();
        const machine = lab.machine('a');
        for (const each of verbs) {
          switch (each) {
            case 'power off':
              lab.faults.powerOff(machine);
              wrong.add('power');
              break;
            case 'power on':
              lab.faults.powerOn(machine);
              wrong.delete('power');
              break;
            case 'unplug':
              lab.faults.unplug(machine);
              wrong.add('plug');
              break;
            case 'plug in':
              lab.faults.plugIn(machine);
              wrong.delete('plug');
              break;
            case 'down':
              lab.setLink(A, false);
              wrong.add('link');
              break;
            case 'up':
              lab.setLink(A, true);
              for (const reason of ['link', 'out', 'in']) wrong.delete(reason);
              break;
            default: {
              const [direction, state] = each.split(' ') as ['in' | 'out', string];
              lab.setLink(A, state === 'up', direction);
              if (state === 'up') wrong.delete(direction);
              else wrong.add(direction);
            }
          }
          const cable = machine.cables.get('eth0')?.link;
          const dead = ['power', 'plug', 'link'].some((reason) => wrong.has(reason));
          expect({
            carrier: cable?.carrier,
            out: cable?.ab.up,
            in: cable?.ba.up,
          }).toEqual({
            carrier: !dead,
            out: !dead && !wrong.has('out'),
            in: !dead && !wrong.has('in'),
          });
        }
        expect(pings(lab, 'b', '10.0.0.1')).toBe(wrong.size === 0);
      }),
      { numRuns: 100 },
    );
  });
});

describe('one direction', () => {
  test('that is down is still down after the machine was rebooted', () => {
    const lab = lan();
    lab.setLink(A, false, 'out');
    lab.fail('a');
    lab.restore('a');
    const seen = lab.capture('b/eth0', 'a/eth0');
    expect(pings(lab, 'b', '10.0.0.1')).toBe(false);
    expect(seen.on('a/eth0').some(({ direction }) => direction === 'in')).toBe(true);
    expect(seen.on('b/eth0').every(({ direction }) => direction === 'out')).toBe(true);
  });

  test('of a pulled cable can be mended, which helps nobody before it is plugged in', () => {
    const lab = lan();
    lab.setLink(A, false, 'in');
    lab.fail('a', 'unplugged');
    lab.setLink(A, true, 'in');
    expect(pings(lab, 'b', '10.0.0.1')).toBe(false);
    lab.restore('a');
    expect(pings(lab, 'b', '10.0.0.1')).toBe(true);
  });

  test('that the topology has down from the start stays down over a reboot', () => {
    const lab = lan(LAN.replace('address: 10.0.0.1 }', 'address: 10.0.0.1, down: out }'));
    lab.fail('a');
    lab.restore('a');
    expect(lab.machine('a').cables.get('eth0')?.link.ab.up).toBe(false);
  });
});

describe('what is told', () => {
  test('a machine that never lost its power does not boot; one that fails twice fails once', () => {
    const lab = lan();
    lab.fail('a', 'unplugged');
    lab.fail('a', 'unplugged');
    lab.restore('a');
    lab.restore('a');
    lab.fail('b');
    lab.fail('b');
    lab.restore('b');
    expect(kinds(lab)).toEqual([
      'a carrier-changed',
      'a unplugged',
      'a carrier-changed',
      'a plugged-in',
      'b powered-off',
      'b powered-on',
    ]);
  });
});

describe('impairments', () => {
  test('clear puts back what the topology says, whole or before a change', () => {
    const lab = lan(LAN.replace('lan: {', 'lan: { latency: 1ms,'));
    const settings = (): unknown[] =>
      ['a', 'b'].map((name) => {
        const link = lab.machine(name).cables.get('eth0')?.link;
        return [link?.ab.settings, link?.ba.settings].map((each) => [each?.latency, each?.loss]);
      });
    lab.impair(A, { loss: 1, latency: 5 }, { direction: 'out' });
    expect(settings()[0]).toEqual([
      [5, 1],
      [1e6, 0],
    ]);
    lab.impair(A, { latency: 7 }, { direction: 'in', clear: true });
    expect(settings()[0]).toEqual([
      [1e6, 0],
      [7, 0],
    ]);
    lab.impair({ kind: 'segment', segment: 'lan' }, { loss: 0.5 });
    expect(settings()).toEqual([
      [
        [1e6, 0.5],
        [7, 0.5],
      ],
      [
        [1e6, 0.5],
        [1e6, 0.5],
      ],
    ]);
    lab.impair({ kind: 'segment', segment: 'lan' }, {}, { clear: true });
    expect(settings()).toEqual([
      [
        [1e6, 0],
        [1e6, 0],
      ],
      [
        [1e6, 0],
        [1e6, 0],
      ],
    ]);
  });

  test('mend no cable that is unplugged', () => {
    const lab = lan();
    lab.fail('a', 'unplugged');
    lab.impair(A, {}, { clear: true });
    expect(lab.machine('a').cables.get('eth0')?.link.ab.up).toBe(false);
    expect(pings(lab, 'b', '10.0.0.1')).toBe(false);
  });
});

describe('partitions', () => {
  test('of three groups keep each from each; who is in none hears all; heal mends', () => {
    const lab = lan(`${LAN}  d: { interfaces: { eth0: { segment: lan, address: 10.0.0.4 } } }
`);
    lab.partition('lan', [['a'], ['b'], ['c']]);
    const reached = (): string[] => {
      const pairs: string[] = [];
      for (const [index, from] of ['a', 'b', 'c', 'd'].entries()) {
        for (const [other, to] of ['a', 'b', 'c', 'd'].entries()) {
          if (other > index && pings(lab, from, `10.0.0.${other + 1}`)) pairs.push(from + to);
        }
      }
      return pairs;
    };
    expect(reached()).toEqual(['ad', 'bd', 'cd']);
    lab.partition('lan', [
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(reached()).toEqual(['ab', 'cd']);
    lab.heal('lan');
    expect(reached()).toEqual(['ab', 'ac', 'ad', 'bc', 'bd', 'cd']);
  });

  test('name machines that are there', () => {
    const lab = lan();
    expect(() => lab.partition('lan', [['a'], ['bb']])).toThrow(
      'there is no machine "bb" in this lab',
    );
  });
});
