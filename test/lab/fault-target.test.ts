// What a fault can be aimed at: also the cable that joins a kernel device to the lab.

import { describe, expect, test } from 'vitest';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { millis } from '../../src/sim/time.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import { TypedSteps } from '../../src/topology/typed-step.ts';
import { KernelDevices } from '../support/kernel-device.ts';
import { topologyOf } from '../support/scenarios.ts';

const LAB = `name: targets
segments: { lan: { subnet: 10.0.0.0/24, latency: 1ms }, far: { subnet: 10.0.1.0/24 } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1 }, wan: { address: 10.0.2.1/30, latency: 2ms } } }
links: [{ segments: [lan, far], name: trunk }]
attach:
  - { tap: egl0, segment: lan, address: 10.0.0.9/24 }
  - { tap: egl1, segment: far, address: 10.0.1.9/24 }
  - { tun: egl2, host: a, interface: wan, peer: 10.0.2.2/30 }
scenario:
  duration: 3s
  steps:
    - { at: 1s, impair: kernel/egl0, loss: 50% }
    - { at: 2s, link: kernel/egl2, state: down }
`;

function attached(): { readonly lab: Lab; readonly devices: KernelDevices } {
  const devices = new KernelDevices();
  return { lab: createLab(topologyOf(LAB, 'targets.yaml'), { attachments: devices }), devices };
}

const latencies = (lab: Lab): (number | undefined)[] =>
  ['egl0', 'egl1', 'egl2'].map((name) => lab.attachments.get(name)?.link.ab.settings.latency);

describe('a fault aimed at', () => {
  test('a segment reaches the kernel devices on it, and no others', () => {
    const { lab } = attached();
    expect(latencies(lab)).toEqual([millis(1), 0, millis(2)]);
    lab.impair({ kind: 'segment', segment: 'lan' }, { latency: millis(9) });
    expect(latencies(lab)).toEqual([millis(9), 0, millis(2)]);
    lab.impair({ kind: 'segment', segment: 'lan' }, {}, { clear: true });
    expect(latencies(lab)).toEqual([millis(1), 0, millis(2)]);
  });

  test('a kernel device reaches its cable, on a segment or at an interface', () => {
    const { lab, devices } = attached();
    for (const attachment of ['egl1', 'egl2']) {
      lab.impair({ kind: 'attachment', attachment }, { latency: millis(7) });
    }
    expect(latencies(lab)).toEqual([millis(1), millis(7), millis(7)]);
    lab.impair({ kind: 'attachment', attachment: 'egl2' }, {}, { clear: true });
    expect(latencies(lab)).toEqual([millis(1), millis(7), millis(2)]);
    lab.setLink({ kind: 'attachment', attachment: 'egl0' }, false);
    lab.setLink({ kind: 'attachment', attachment: 'egl0' }, true);
    expect(devices.opened[0]?.carrier).toEqual([false, true]);
  });

  test('what is not there names what is', () => {
    const { lab } = attached();
    expect(() => lab.setLink({ kind: 'attachment', attachment: 'egl9' }, false)).toThrow(
      'there is no attachment "egl9" in this lab',
    );
    expect(() => lab.setLink({ kind: 'link', link: 'trnk' }, false)).toThrow('no link "trnk"');
    expect(() => lab.impair({ kind: 'segment', segment: 'lna' }, {})).toThrow('no segment "lna"');
    const wlan = { kind: 'interface', machine: 'a', interface: 'wlan' } as const;
    expect(() => lab.setLink(wlan, false)).toThrow('no interface "wlan"');
  });
});

test('steps name a kernel device as captures do, and a wrong name is told with its place', () => {
  const { topology } = parseTopology(LAB, { file: 'targets.yaml' });
  expect(topology?.scenario.steps.map((step) => ('target' in step ? step.target : null))).toEqual([
    { kind: 'attachment', attachment: 'egl0' },
    { kind: 'attachment', attachment: 'egl2' },
  ]);
  const { diagnostics } = parseTopology(LAB.replace('impair: kernel/egl0', 'impair: kernel/elg0'), {
    file: 'targets.yaml',
  });
  expect(diagnostics).toMatchObject([
    { message: 'there is no attachment "elg0"', remedy: 'did you mean "egl0"?' },
  ]);
});

test('commands to a running lab name it in the same way', () => {
  const commands = new TypedSteps(topologyOf(LAB, 'targets.yaml'));
  expect(commands.read({ link: 'kernel/egl2', state: 'down' }, millis(5))).toMatchObject({
    target: { kind: 'attachment', attachment: 'egl2' },
  });
  expect(() => commands.read({ impair: 'kernel/eth0', loss: '1%' }, 0)).toThrow(
    'there is no attachment "eth0"',
  );
});
