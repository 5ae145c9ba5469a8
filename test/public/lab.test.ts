// The face of a lab: what it refuses, and that it does what the inside does.

import {
  createLab,
  EgressLabError,
  type Lab,
  parseTopology,
  readTopology,
  runScenario,
  TopologyError,
} from 'egresslab';
import { describe, expect, test } from 'vitest';

const PAIR = `
name: pair
segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
  b:
    interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } }
    services: [{ tcp: 7, app: echo }]
scenario:
  duration: 10s
  flows:
    asking: { from: a, to: b, icmp: echo, every: 1s }
`;

/** The error that a call throws. */
function refusal(call: () => unknown): Partial<EgressLabError> {
  try {
    call();
  } catch (error) {
    if (error instanceof EgressLabError) return error;
    throw error;
  }
  throw new Error('this should have been refused');
}

describe('arguments', () => {
  test.each([-1, 1.5, Number.NaN, 2 ** 32, Number.POSITIVE_INFINITY])(
    '%d is no seed',
    async (seed) => {
      expect(refusal(() => createLab(PAIR, { seed })).code).toBe('EGL_SEED');
      await expect(runScenario(PAIR, { seed })).rejects.toMatchObject({ code: 'EGL_SEED' });
    },
  );

  test.each([0, 7, 2 ** 32 - 1])('%d is a seed', (seed) => {
    expect(createLab(PAIR, { seed }).seed).toBe(seed);
  });

  test.each<[string, string, (lab: Lab) => unknown, string]>([
    ['machine', 'EGL_UNKNOWN_MACHINE', (lab) => lab.host('aa'), '"a"'],
    ['segment', 'EGL_UNKNOWN_SEGMENT', (lab) => lab.segment('lam'), '"lan"'],
    ['flow', 'EGL_UNKNOWN_FLOW', (lab) => lab.flow('askin'), '"asking"'],
    ['port', 'EGL_UNKNOWN_PORT', (lab) => lab.capture('a/eth1'), '"a/eth0"'],
    ['interface', 'EGL_UNKNOWN_INTERFACE', (lab) => lab.host('a').mac('eht0'), '"eth0"'],
    ['target of a ping', 'EGL_UNKNOWN_MACHINE', (lab) => lab.host('a').ping('bb'), '"b"'],
    ['key of a step', 'EGL_COMMAND', (lab) => lab.perform({ impair: 'lam', loss: '1%' }), '"lan"'],
    ['table', 'EGL_ARGUMENT', (lab) => lab.table('neighbour' as 'neighbors'), '"neighbors"'],
    [
      'capture format',
      'EGL_ARGUMENT',
      (lab) => lab.capture('a').file('pcapgn' as 'pcap'),
      '"pcapng"',
    ],
  ])('an unknown %s is refused, with what was probably meant', (_what, code, call, meant) => {
    const { code: found, hint } = refusal(() => call(createLab(PAIR)));
    expect(found).toBe(code);
    expect(hint).toContain(`Did you mean ${meant}?`);
  });

  test.each<[string, string, (lab: Lab) => unknown]>([
    ['duration', 'EGL_BAD_DURATION', (lab) => lab.advance('3 apples')],
    ['negative duration', 'EGL_BAD_DURATION', (lab) => lab.advance(-1)],
    ['duration beyond what numbers count', 'EGL_BAD_DURATION', (lab) => lab.advance(2 ** 60)],
    ['duration of no kind', 'EGL_BAD_DURATION', (lab) => lab.advance(null as never)],
    ['name of no kind', 'EGL_UNKNOWN_MACHINE', (lab) => lab.fail(undefined as never)],
    ['condition', 'EGL_ARGUMENT', (lab) => lab.advanceUntil(5 as never, '1s')],
    ['listener', 'EGL_ARGUMENT', (lab) => lab.onEvent(5 as never)],
    ['selector of ports', 'EGL_ARGUMENT', (lab) => lab.capture(5 as never)],
    ['table to follow', 'EGL_ARGUMENT', (lab) => lab.view({ tables: ['x' as never] })],
    ['bound of a view', 'EGL_ARGUMENT', (lab) => lab.view({ rowLimit: -1 })],
    ['option of a lab', 'EGL_ARGUMENT', () => createLab(PAIR, { sede: 1 } as never)],
    ['set of options', 'EGL_ARGUMENT', () => createLab(PAIR, null as never)],
    ['address', 'EGL_ARGUMENT', (lab) => lab.holders('10.0.0')],
    ['port', 'EGL_ARGUMENT', (lab) => lab.host('a').connect('b', 65_536)],
    ['frame', 'EGL_ARGUMENT', (lab) => lab.host('a').transmit(new Uint8Array(13))],
    ['cluster', 'EGL_NO_CLUSTER', (lab) => lab.cluster],
    [
      'expectation as a step',
      'EGL_COMMAND',
      (lab) => lab.perform({ expect: { ping: 'x', lost: 0 } }),
    ],
  ])('a bad %s is refused with code and hint', (_what, code, call) => {
    const { code: found, hint } = refusal(() => call(createLab(PAIR)));
    expect(found).toBe(code);
    expect(hint).not.toBeNull();
  });

  test('a failure that is none is refused with those that there are', () => {
    const error = refusal(() => createLab(PAIR).fail('b', 'bogus' as never));
    expect(error.code).toBe('EGL_COMMAND');
    expect(error.message).toContain('power-off');
  });

  test('an option of a ping is checked as that of the step', () => {
    const error = refusal(() => createLab(PAIR).host('a').ping('b', { count: 0 }));
    expect(error.code).toBe('EGL_COMMAND');
    expect(error.message).toMatch(/number of requests.*found 0/);
  });

  test('a topology that is none is refused with everything that is wrong with it', () => {
    const wrong = 'name: x\nsegments: { lan: { subnet: 10.0.0.0/99 } }\nhost: {}\n';
    const error = refusal(() => readTopology(wrong, { file: 'x.yaml' }));
    expect(error).toBeInstanceOf(TopologyError);
    expect(error.code).toBe('EGL_TOPOLOGY_INVALID');
    expect(error.message).toMatch(/^2 problems in x\.yaml\nx\.yaml:2:/);
    expect(parseTopology(wrong).topology).toBeNull();
  });
});

describe('a lab', () => {
  test('gives the same object for the same machine', () => {
    const lab = createLab(PAIR);
    expect(lab.host('a')).toBe(lab.hosts[0]);
    expect(lab.machine('b')).toBe(lab.host('b'));
  });

  test('is the same for the same seed, and shares nothing', () => {
    const play = (): readonly string[] => {
      const lab = createLab(PAIR, { seed: 3 });
      const capture = lab.capture();
      lab.host('a').ping('b', { count: 2 });
      return capture.frames.map(String);
    };
    expect(play()).toEqual(play());
  });

  test('plays no scenario by itself; its flows are started by hand', () => {
    const lab = createLab(PAIR);
    const flow = lab.flow('asking');
    lab.advance('3s');
    expect(flow.report().sent).toBe(0);
    flow.start();
    lab.advance('3500ms');
    flow.stop();
    lab.advance('3s');
    expect(flow.report()).toMatchObject({ sent: 4, answered: 4, lost: 0 });
  });

  test('a ping whose host dies is lost', () => {
    const lab = createLab(PAIR);
    lab.advance('1s');
    const stop = lab.onEvent(({ kind }) => {
      if (kind === 'ping-reply') lab.fail('a');
    });
    expect(lab.host('a').ping('b', { count: 3 })).toMatchObject({ sent: 3, answered: 1, lost: 2 });
    stop();
  });

  test('arping tells a duplicate by its exit code', () => {
    const lab = createLab(PAIR);
    const a = lab.host('a');
    expect(a.arping('10.0.0.2')).toEqual({ exitCode: 0, answeredBy: [lab.host('b').mac()] });
    expect(a.arping('10.0.0.2', { mode: '-D' }).exitCode).toBe(1);
    expect(a.arping('10.0.0.9', { mode: '-D' })).toEqual({ exitCode: 0, answeredBy: [] });
  });

  test('a connection says why it broke', () => {
    const lab = createLab(PAIR);
    const connection = lab.host('a').connect('b', 7);
    expect(connection.ask('one\n')).toBe('one\n');
    lab.fail('b');
    expect(connection.ask('two\n', { within: '1s' })).toBe('');
    expect(connection.error).toBeNull();
    const refused = createLab(PAIR).host('a').connect('b', 9);
    expect(refused).toMatchObject({ state: 'UNCONN', error: 'ECONNREFUSED' });
  });

  test('a capture as a file is what a run would have written', () => {
    const lab = createLab(PAIR);
    const capture = lab.capture('b/eth0');
    lab.host('a').ping('b');
    const text = new TextDecoder().decode(capture.file('text'));
    expect(text).toContain('ICMP echo request');
    const before = capture.frames.length;
    capture.stop();
    lab.host('a').ping('b');
    expect(capture.frames.length).toBe(before);
    const first = capture.frames[0];
    expect(capture.path(first?.packetId ?? 0)).toHaveLength(1);
  });

  test('a machine without power says and holds nothing', () => {
    const lab = createLab(PAIR);
    lab.fail('b');
    expect(lab.host('b').isUp).toBe(false);
    expect(lab.holders('10.0.0.2')).toEqual([]);
    expect(() => lab.host('b').transmit(new Uint8Array(60))).not.toThrow();
    lab.restore('b');
    expect(lab.holders('10.0.0.2')).toEqual(['b']);
    lab.unplug('b');
    expect(lab.host('a').ping('b').lost).toBe(1);
  });
});

test('a run tells its capture to whoever wants it', async () => {
  const names: string[] = [];
  const chunks: number[] = [];
  const report = await runScenario(`${PAIR}capture: [a/eth0]\n`, {
    openCapture: (fileName) => {
      names.push(fileName);
      return { write: (chunk) => chunks.push(chunk.length), close: () => names.push('closed') };
    },
  });
  expect(names).toEqual(['pair.pcapng', 'closed']);
  expect(report.captures[0]?.bytes).toBe(chunks.reduce((sum, length) => sum + length, 0));
});
