// What the matchers accept, and what they say when a lab is otherwise.

import { createLab, runScenario } from 'egresslab';
import 'egresslab/vitest';
import { describe, expect, test } from 'vitest';

const PAIR = `
name: pair
segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24, mac: "02:00:00:00:00:0a" } } }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24, mac: "02:00:00:00:00:0b" } } }
scenario:
  duration: 3s
  steps:
    - { at: 1s, ping: b, from: a, name: check }
    - { at: 3s, expect: { ping: check, answered: 7 } }
`;

/** What a failing assertion says. */
function complaint(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('this should have failed');
}

describe('toHaveFrame', () => {
  test('finds what is there, and lets time pass for what is to come', () => {
    const lab = createLab(PAIR);
    const capture = lab.capture('a/eth0');
    lab.perform({ ping: 'b', from: 'a', count: 3 });
    expect(capture).toHaveFrame({ arp: { operation: 'request' } });
    expect(capture).not.toHaveFrame({ icmp: 'echo-reply' });
    expect(capture).toHaveFrame({ icmp: 'echo-reply' }, { within: '1s' });
    expect(lab.now).toBeLessThan(1e9);
    expect(capture).toHaveFrame(
      { icmp: 'echo-reply', ip: { from: '10.0.0.2' } },
      { within: '5s', times: 3 },
    );
    expect(capture).not.toHaveFrame({ tcp: {} }, { within: '1s' });
  });

  test('shows what was seen instead', () => {
    const lab = createLab(PAIR);
    const capture = lab.capture('b/eth0');
    lab.host('a').ping('b');
    expect(
      complaint(() => expect(capture).toHaveFrame({ tcp: { to: 80 } }, { within: '2s' })),
    ).toMatchInlineSnapshot(`
      "expected b/eth0 to see a frame like {"tcp":{"to":80}} within 2s
      it saw 4 others:
        0.000100 b/eth0 < ARP, Request who-has 10.0.0.2 tell 10.0.0.1 (02:00:00:00:00:0a)
        0.000100 b/eth0 > ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:0b
        0.000300 b/eth0 < IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 62153, seq 1, length 64
        0.000300 b/eth0 > IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id 62153, seq 1, length 64"
    `);
    expect(
      complaint(() => expect(capture).not.toHaveFrame({ arp: { operation: 'reply' } })),
    ).toMatchInlineSnapshot(`
      "expected b/eth0 not to see a frame like {"arp":{"operation":"reply"}}
      it saw 1:
        0.000100 b/eth0 > ARP, Reply 10.0.0.2 is-at 02:00:00:00:00:0b"
    `);
  });

  test('refuses what describes no frame', () => {
    const capture = createLab(PAIR).capture('b/eth0');
    const wrong = { arp: { operation: 'answer' } } as unknown as { arp: object };
    expect(complaint(() => expect(capture).toHaveFrame(wrong))).toMatchInlineSnapshot(
      `"expected one of request, reply, found "answer""`,
    );
  });
});

describe('toBelieve', () => {
  test('compares with a MAC address or with whose it is', () => {
    const lab = createLab(PAIR);
    const a = lab.host('a');
    expect(a).not.toBelieve('10.0.0.2');
    a.ping('b');
    expect(a).toBelieve('10.0.0.2');
    expect(a).toBelieve('10.0.0.2', { mac: 'b', state: ['REACHABLE', 'STALE'] });
    expect(a).toBelieve('10.0.0.2', { mac: '02:00:00:00:00:0b' });
    expect(a).not.toBelieve('10.0.0.2', { mac: 'a' });
  });

  test('shows what is believed instead', () => {
    const lab = createLab(PAIR);
    const a = lab.host('a');
    a.ping('b');
    expect(
      complaint(() => expect(a).toBelieve('10.0.0.2', { mac: 'a', state: 'STALE' })),
    ).toMatchInlineSnapshot(`
      "expected a to believe something about 10.0.0.2: 02:00:00:00:00:0a (a) STALE
      it believes 10.0.0.2 at 02:00:00:00:00:0b REACHABLE"
    `);
    expect(complaint(() => expect(a).toBelieve('10.0.0.9'))).toMatchInlineSnapshot(`
      "expected a to believe something about 10.0.0.9
      it has no entry for it
      its entries:
        10.0.0.2 at 02:00:00:00:00:0b REACHABLE"
    `);
  });
});

describe('toHoldAddress', () => {
  test('names exactly the holders', () => {
    const lab = createLab(PAIR);
    expect(lab).toHoldAddress('10.0.0.2', 'b');
    expect(lab).not.toHoldAddress('10.0.0.2', 'a', 'b');
    expect(lab).not.toHoldAddress('10.0.0.9');
    lab.fail('b');
    expect(complaint(() => expect(lab).toHoldAddress('10.0.0.2', 'b'))).toMatchInlineSnapshot(`
      "expected 10.0.0.2 to be held by b at 0.000 s
      nobody holds it"
    `);
    lab.perform({ addAddress: '10.0.0.2/24', to: 'a/eth0' });
    expect(complaint(() => expect(lab).toHoldAddress('10.0.0.2', 'b'))).toMatchInlineSnapshot(`
      "expected 10.0.0.2 to be held by b at 0.000 s
      it is held by a"
    `);
  });

  test('knows a misspelled machine', () => {
    const lab = createLab(PAIR);
    expect(complaint(() => expect(lab).toHoldAddress('10.0.0.2', 'bb'))).toMatchInlineSnapshot(
      `"there is no machine "bb" in this lab"`,
    );
  });
});

test('toHoldExpectations lists what did not hold, and what was seen', async () => {
  const report = await runScenario(PAIR);
  expect(complaint(() => expect(report).toHoldExpectations())).toMatchInlineSnapshot(`
    "expected a run of pair to hold its 1 expectation (seed 1)
    3.000 ping: check, answered: 7 (topology:11:25): failed
      answered is 1"
  `);
  const good = await runScenario(PAIR.replace('answered: 7', 'answered: 1'));
  expect(good).toHoldExpectations();
});

test('a matcher says what it is for', () => {
  expect(complaint(() => expect(1).toHaveFrame({}))).toMatch(/toHaveFrame is for something else/);
  expect(complaint(() => expect(null).toHoldExpectations())).toMatch(/toHoldExpectations/);
});
