// The commands in process: what is typed goes in, what is printed and the exit code come out. The
// lab behind them is a stand-in here; test/scenarios.test.ts runs the real one.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EgressLabError } from '../../src/base/errors.ts';
import { run } from '../../src/cli/run.ts';
import { runScenario } from '../../src/scenario/run.ts';
import type { RunOptions, RunScenario } from '../../src/scenario/run-options.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { readPcapng } from '../support/pcapng.ts';
import { type FakeIo, type FakeIoSettings, fakeIo } from './fake-io.ts';
import { expectation, sampleReport } from './sample-report.ts';

const LAB = `name: lab
description: A lab
seed: 3
segments:
  lan: { subnet: 192.168.50.0/24 }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 192.168.50.1/24 } } }
  b: { interfaces: { eth0: { segment: lan, address: 192.168.50.2/24 } } }
scenario:
  duration: 60s
  flows: { ping: { from: a, to: b, icmp: echo, every: 1s } }
  steps: []
`;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-cli-'));
  writeFileSync(join(directory, 'lab.yaml'), LAB);
  writeFileSync(join(directory, 'bad.yaml'), LAB.replace('segment: lan', 'segment: lann'));
});
afterEach(() => rmSync(directory, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const noScenario: RunScenario = () => Promise.reject(new Error('nothing was to be run'));

async function egresslab(
  argv: string,
  runScenario: RunScenario = noScenario,
  settings: FakeIoSettings = {},
): Promise<Outcome> {
  const io = fakeIo({ workingDirectory: directory, ...settings });
  const code = await run(argv.split(' '), io, runScenario);
  return { code, out: io.out(), err: io.err() };
}

/** A lab that writes one octet to its capture and tells the sample report's story. */
function storyTeller(changes: Parameters<typeof sampleReport>[0] = {}): RunScenario {
  return async (topology: Topology, options: RunOptions) => {
    const report = sampleReport({ seed: options.seed ?? topology.seed, ...changes });
    const capture = options.openCapture?.({ fileName: 'lab.pcapng', format: 'pcapng' });
    if (report.tables !== null) options.onStart?.(report.tables.before);
    for (const entry of report.timeline) options.onTimeline?.(entry);
    capture?.sink.write(Uint8Array.of(1));
    capture?.sink.close();
    return report;
  };
}

describe('run', () => {
  test('writes its capture to standard output, and its words beside', async () => {
    const io = fakeIo({ workingDirectory: directory });
    const argv = ['run', 'lab.yaml', '-q', '--no-color', '--capture-to', '-'];
    expect(await run(argv, io, runScenario)).toBe(0);
    expect(io.out()).toBe('');
    const { packets } = readPcapng(io.octets());
    expect(packets.length).toBeGreaterThan(100);
    expect(existsSync(join(directory, 'captures'))).toBe(false);
    expect((await egresslab('run lab.yaml -q --capture-to x.pcapng', runScenario)).code).toBe(0);
    expect(readFileSync(join(directory, 'x.pcapng')).equals(io.octets())).toBe(true);
  });

  test('a reader that leaves before the end ends the run', async () => {
    const fake = fakeIo({ workingDirectory: directory });
    let leave = (): void => {};
    const io: FakeIo = {
      ...fake,
      openOctets: () => ({
        ...fake.openOctets(),
        onGone: (listener) => {
          leave = listener;
        },
        write: () => leave(),
      }),
    };
    expect(await run(['run', 'lab.yaml', '--capture-to', '-'], io, runScenario)).toBe(141);
    expect(io.err()).toContain('nobody reads the capture any more');
  });

  test('is ended by a signal while it waits for a slow reader', async () => {
    const fake = fakeIo({ workingDirectory: directory });
    const octets = fake.openOctets();
    let asked = 0;
    const never = new Promise<void>(() => {});
    const io: FakeIo = {
      ...fake,
      openOctets: () => ({
        ...octets,
        unread: 1e9,
        drained: () => {
          asked++;
          setTimeout(() => fake.signal('SIGTERM'), 1);
          return never;
        },
      }),
    };
    expect(await run(['run', 'lab.yaml', '-q', '--capture-to', '-'], io, runScenario)).toBe(143);
    expect(asked).toBe(1);
  });

  test.each([
    ['--capture-ring 3', '--capture-ring needs --capture-size'],
    ['--capture-size 10', '--capture-size 10 is not a size'],
    ['--capture-size 0MB', '--capture-size 0MB is not a size'],
    ['--capture-size 1MB --capture-ring 0', '--capture-ring 0 is not a number of files'],
    ['--capture-size 1MB --capture-ring 2 --capture-to x', '--capture-to and --capture-ring'],
    ['--capture-to x --no-capture', '--capture-to and --no-capture cannot be combined'],
    ['--capture-to - --json', '--capture-to and --json cannot be combined'],
    ['--capture-to x --seeds 1..2', '--capture-to is for one run'],
  ])('%s is refused', async (words, message) => {
    const { code, err } = await egresslab(`run lab.yaml ${words}`, runScenario);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test('tells the story to people', async () => {
    const { code, out, err } = await egresslab('run lab.yaml', storyTeller());
    expect(out.replace(/in \d+\.\d\d s\n$/, 'in 0.21 s\n')).toMatchInlineSnapshot(`
      "lab   seed 3, 60 s of lab time
      A lab

      Before
      $ oc get nodes
      NAME       STATUS   ROLES    AGE   VERSION
      worker01   Ready    worker   23h   v1.17.1
      worker02   Ready    worker   23h   v1.17.1
      $ oc get hostsubnets
      NAME       HOST       HOST IP          SUBNET         EGRESS CIDRS        EGRESS IPS
      worker01   worker01   192.168.50.144   10.11.0.0/23   [192.168.50.0/24]   [192.168.50.120]

         2.003  controller  gives 192.168.50.120 to worker02
        10.000  worker02    power off

      After 60 s
      $ oc get nodes
      NAME       STATUS     ROLES    AGE   VERSION
      worker01   Ready      worker   23h   v1.17.1
      worker02   NotReady   worker   23h   v1.17.1
      $ oc get hostsubnets   (as before)

      FLOW       PROTOCOL     SENT  ANSWERED    LOST  LONGEST OUTAGE  SEEN AS
      web-to-db  tcp 5432      590       400     190  19.0 s          192.168.50.120 (395),
                                                                      192.168.50.145 (5)
      ping       icmp echo  12,345         0  12,345  60.0 s          -
      web-to-db: answered by db (02:00:00:00:00:0a)
      ping: never answered, egress-dropped on worker01

      2 of 2 expectations hold
      captures/lab.pcapng   6,214 frames on 2 ports, 1.2 MB
        wireshark -r captures/lab.pcapng -Y 'arp.src.proto_ipv4 == 192.168.50.120'
      60 s of lab time in 0.21 s
      "
    `);
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  test('prints one JSON document, equal to the report, for programs', async () => {
    const { code, out, err } = await egresslab('run lab.yaml --json --seed 7', storyTeller());
    expect(JSON.parse(out)).toEqual(sampleReport({ seed: 7 }));
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  test('hands on the seed: the one typed, else that of the topology', async () => {
    const seeds: (number | undefined)[] = [];
    const note: RunScenario = async (topology, options) => {
      seeds.push(options.seed);
      return storyTeller()(topology, options);
    };
    await egresslab('run lab.yaml', note);
    await egresslab('run lab.yaml --seed 0', note);
    expect(seeds).toEqual([3, 0]);
  });

  test('writes captures to captures/, to another directory, or nowhere', async () => {
    await egresslab('run lab.yaml --no-capture', storyTeller());
    expect(readdirSync(directory)).toEqual(['bad.yaml', 'lab.yaml']);
    await egresslab('run lab.yaml --capture-dir else/where', storyTeller());
    await egresslab('run lab.yaml', storyTeller());
    expect(readdirSync(join(directory, 'captures'))).toEqual(['lab.pcapng']);
    expect(readdirSync(join(directory, 'else/where'))).toEqual(['lab.pcapng']);
  });

  test('an expectation that failed is exit code 1, and quiet tells nothing else', async () => {
    const expectations = [expectation('held'), expectation('failed', ['no egress IPs'])];
    const failing = storyTeller({ outcome: 'failed', expectations });
    const { code, out } = await egresslab('run lab.yaml --quiet', failing);
    expect(code).toBe(1);
    expect(out).toMatchInlineSnapshot(`
      "FAILED  at 40.000: hostsubnet: worker01, egressIPs: [192.168.50.120]
              saw no egress IPs
              expected at lab.yaml:41:7
      1 of 2 expectations hold
      "
    `);
  });

  test('a lab that had to be stopped says why, and whose matter it is', async () => {
    const storm = {
      code: 'EGL_EVENT_STORM',
      message: 'more than 1,000,000 events at 1.000 s on lan:p1',
      hint: 'Is there a loop of segments?',
      at: 1e9,
      fault: 'input',
    } as const;
    const stopped = storyTeller({ outcome: 'stopped', problems: [storm], labDuration: 1e9 });
    const { code, out } = await egresslab('run lab.yaml', stopped);
    expect(code).toBe(2);
    expect(out).toContain('error EGL_EVENT_STORM: more than 1,000,000 events at 1.000 s on lan:p1');
    expect(out).toContain('stopped after 1 s of lab time');
  });

  test('color only where a terminal is', async () => {
    const onTerminal = await egresslab('run lab.yaml', storyTeller(), { isTerminal: true });
    expect(onTerminal.out).toContain('\x1b[1m');
    const refused = await egresslab('run lab.yaml --no-color', storyTeller(), { isTerminal: true });
    expect(refused.out).not.toContain('\x1b');
    const forced = await egresslab('run lab.yaml', storyTeller(), {
      environment: { FORCE_COLOR: '1' },
    });
    expect(forced.out).toContain('\x1b[1m');
    expect((await egresslab('run lab.yaml', storyTeller())).out).not.toContain('\x1b');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the run in order, with exit code %i', async (signal, expected) => {
    const io: FakeIo = fakeIo({ workingDirectory: directory });
    const interrupted: RunScenario = async (_topology, options) => {
      expect(io.signal(signal), 'there is nothing to put away yet').toBe(false);
      options.onBuilt?.();
      const capture = options.openCapture?.({ fileName: 'lab.pcapng', format: 'pcapng' });
      capture?.sink.write(Uint8Array.of(1, 2));
      expect(io.signal(signal)).toBe(true);
      expect(options.signal?.aborted).toBe(true);
      capture?.sink.close();
      return sampleReport({ outcome: 'interrupted', labDuration: 12e9 });
    };
    expect(await run(['run', 'lab.yaml'], io, interrupted)).toBe(expected);
    expect(io.err()).toContain('closing the captures');
    expect(io.out()).toContain('interrupted after 12 s of lab time');
    expect(readFileSync(join(directory, 'captures/lab.pcapng'))).toHaveLength(2);
    expect(io.signal(signal), 'nobody listens once the run is over').toBe(false);
  });
});

describe('what is wrong', () => {
  test('with a topology is told with its place, and nothing is run or written', async () => {
    const { code, out, err } = await egresslab('run bad.yaml');
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('bad.yaml:7:');
    expect(err).toContain('lann');
    expect(err).toContain('"lan"');
    expect(err).toContain('problem in bad.yaml');
    expect(readdirSync(directory)).toEqual(['bad.yaml', 'lab.yaml']);
  });

  test('is a JSON document under --json', async () => {
    const { code, out } = await egresslab('run bad.yaml --json');
    expect(code).toBe(2);
    const document = JSON.parse(out);
    expect(document.schemaVersion).toBe(1);
    expect(document.problems[0]).toMatchObject({
      code: 'EGL_TOPOLOGY_INVALID',
      file: 'bad.yaml',
      line: 7,
    });
    const missing = await egresslab('run none.yaml --json');
    expect(JSON.parse(missing.out).problems[0].code).toBe('EGL_FILE_NOT_FOUND');
    expect(missing.err).toContain('there is no file none.yaml');
  });

  test('with the command line is exit code 2', async () => {
    const { code, out, err } = await egresslab('rnu lab.yaml');
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^error EGL_USAGE: "rnu" is not a command\nhint {2}Did you mean "run"\? /);
  });

  test('with the capture directory is told before anything runs, and leaves captures alone', async () => {
    writeFileSync(join(directory, 'file'), 'precious');
    const { code, err } = await egresslab('run lab.yaml --capture-dir file', storyTeller());
    expect(code).toBe(2);
    expect(err).toContain('cannot use the capture directory file');
    expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('precious');
  });

  test('with the machine is exit code 3', async () => {
    const full: RunScenario = () =>
      Promise.reject(new EgressLabError('EGL_CAPTURE_WRITE', 'full', { fault: 'environment' }));
    expect((await egresslab('run lab.yaml', full)).code).toBe(3);
  });

  test('with egresslab itself is exit code 70, with the command that does it again', async () => {
    const broken: RunScenario = () => Promise.reject(new TypeError('x is not a function'));
    const { code, err } = await egresslab('run lab.yaml --no-capture', broken);
    expect(code).toBe(70);
    expect(err).toContain('TypeError: x is not a function');
    expect(err).toContain('egresslab run lab.yaml --seed 3');
  });
});

describe('validate', () => {
  test('judges every file, with all problems first', async () => {
    mkdirSync(join(directory, 'sub'));
    const { code, out, err } = await egresslab('validate lab.yaml bad.yaml none.yaml sub');
    expect(code).toBe(2);
    expect(err).toBe('');
    expect(out).toContain('bad.yaml:7:');
    expect(out).toContain('there is no file none.yaml');
    expect(out.split('\n').slice(-5)).toEqual([
      'ok    lab.yaml   2 machines, 1 flow, 0 steps, 0 expectations',
      'bad   bad.yaml   1 problem',
      'bad   none.yaml   1 problem',
      'bad   sub   1 problem',
      '',
    ]);
  });

  test('is 0 when all are right', async () => {
    expect((await egresslab('validate lab.yaml')).code).toBe(0);
  });

  test('tells programs the same', async () => {
    const { code, out } = await egresslab('validate --json lab.yaml bad.yaml none.yaml');
    expect(code).toBe(2);
    const { files } = JSON.parse(out);
    expect(files[0]).toEqual({ file: 'lab.yaml', valid: true, problems: [] });
    expect(files[1].problems[0]).toMatchObject({ line: 7, code: 'EGL_TOPOLOGY_INVALID' });
    expect(files[2].problems[0]).toMatchObject({ line: null, code: 'EGL_FILE_NOT_FOUND' });
  });
});

test('schema prints a JSON Schema', async () => {
  const { code, out } = await egresslab('schema');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ type: 'object' });
});

test('list names the labs that come along, and each can be run by its name', async () => {
  const { code, out } = await egresslab('list --json');
  expect(code).toBe(0);
  const names = JSON.parse(out).labs.map((lab: { name: string }) => lab.name);
  expect(names).toContain('automatic');
  for (const name of names) {
    expect((await egresslab(`validate ${name}`)).code, name).toBe(0);
  }
  expect((await egresslab('run autmatic')).err).toContain('Did you mean automatic?');
  expect((await egresslab('list')).out).toMatch(/^NAME +WHAT IT SHOWS\n/);
});
