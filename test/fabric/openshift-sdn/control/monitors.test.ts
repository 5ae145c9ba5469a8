import { describe, expect, test } from 'vitest';
import { DialOutcome } from '../../../../src/fabric/dialer.ts';
import {
  ControllerMonitor,
  type Readiness,
} from '../../../../src/fabric/openshift-sdn/control/controller-monitor.ts';
import { Klog } from '../../../../src/fabric/openshift-sdn/control/klog.ts';
import { judge, type Peer } from '../../../../src/fabric/openshift-sdn/control/peer-health.ts';
import { PingMonitor } from '../../../../src/fabric/openshift-sdn/control/ping-monitor.ts';
import {
  type Profile,
  profiles,
  resolveProfile,
} from '../../../../src/fabric/openshift-sdn/control/profile.ts';
import { VxlanMonitor } from '../../../../src/fabric/openshift-sdn/control/vxlan-monitor.ts';
import { WallClock } from '../../../../src/kube/wall-clock.ts';
import { Random } from '../../../../src/sim/random.ts';
import { Scheduler } from '../../../../src/sim/scheduler.ts';
import { formatSeconds, seconds } from '../../../../src/sim/time.ts';
import { FakeNode } from './fake-node.ts';
import { type MonitorUpdate, vectorFile } from './vector-file.ts';

interface Bench {
  readonly scheduler: Scheduler;
  readonly node: FakeNode;
  readonly klog: Klog;
  /** '15.000 W Node 172.17.0.3 is offline', and verdicts as '15.000 offline 172.17.0.3'. */
  readonly story: string[];
  readonly onVerdict: (nodeIp: string, offline: boolean) => void;
}

function bench(profile: Profile): Bench {
  const scheduler = new Scheduler();
  const story: string[] = [];
  const tell = (text: string): void => void story.push(`${formatSeconds(scheduler.now)} ${text}`);
  const klog = new Klog({
    clock: new WallClock(scheduler, 0),
    profile,
    pid: 1,
    verbosity: 2,
    write: (line) => tell(`${line[0]} ${line.slice(line.indexOf(']') + 2)}`),
  });
  const onVerdict = (nodeIp: string, offline: boolean): void =>
    tell(`${offline ? 'offline' : 'online'} ${nodeIp}`);
  return { scheduler, node: new FakeNode(scheduler, 'n', '172.17.0.9/24'), klog, story, onVerdict };
}

const WORKER = { name: 'worker02', nodeIp: '192.168.50.145', sdnIp: '10.8.2.1' };

function controllerBench(profile: Profile, readiness: () => Readiness = () => 'ready') {
  const base = bench(profile);
  const { scheduler, node: dialer, klog, onVerdict } = base;
  const random = new Random(1);
  const monitor = new ControllerMonitor({
    scheduler,
    dialer,
    profile,
    klog,
    random,
    readiness,
    onVerdict,
  });
  return { ...base, monitor };
}

describe("the controller's monitor", () => {
  test('a silent node is offline after three dials of five seconds, one right after the other', () => {
    const { monitor, node, scheduler, story } = controllerBench(profiles['v4.3']);
    node.answer = () => DialOutcome.Timeout;
    monitor.setNodes([WORKER]);
    scheduler.advanceTo(seconds(16));
    expect(node.dials.map(({ at }) => at)).toEqual([0, 5, 10, 15].map(seconds));
    expect(node.dials.every(({ timeout }) => timeout === seconds(5))).toBe(true);
    expect(story).toEqual([
      '5.000 I Node 192.168.50.145 may be offline... retrying',
      '10.000 I Node 192.168.50.145 may be offline... retrying',
      '15.000 W Node 192.168.50.145 is offline',
      '15.000 offline 192.168.50.145',
    ]);
  });

  test('one answer brings a node back', () => {
    const { monitor, node, scheduler, story } = controllerBench(profiles.head);
    node.answer = () => DialOutcome.Timeout;
    monitor.setNodes([WORKER]);
    scheduler.advanceTo(seconds(16));
    node.answer = () => DialOutcome.Refused;
    scheduler.advanceTo(seconds(26));
    expect(story.slice(4)).toEqual([
      '20.000 I Node 192.168.50.145 is back online',
      '20.000 online 192.168.50.145',
    ]);
  });

  test('a NotReady node is offline without a dial, and said to be so in every round', () => {
    let state: Readiness = 'not-ready';
    const { monitor, node, scheduler, story } = controllerBench(profiles.head, () => state);
    monitor.setNodes([WORKER]);
    scheduler.advanceTo(seconds(6));
    expect(node.dials).toEqual([]);
    state = 'ready';
    scheduler.advanceTo(seconds(11));
    const warning = 'W Node worker02 is not Ready, marking it offline...';
    expect(story).toEqual([
      `0.000 ${warning}`,
      '0.000 offline 192.168.50.145',
      `5.000 ${warning}`,
      '5.000 offline 192.168.50.145',
      '10.000 I Node 192.168.50.145 is back online',
      '10.000 online 192.168.50.145',
    ]);
  });

  test('4.3 does not ask whether a node is Ready', () => {
    const { monitor, node, scheduler, story } = controllerBench(
      profiles['v4.3'],
      () => 'not-ready',
    );
    monitor.setNodes([WORKER]);
    scheduler.advanceTo(seconds(6));
    expect(node.dials).toHaveLength(2);
    expect(story).toEqual([]);
  });

  test('dead nodes wait for one another, unless that quirk is off', () => {
    const other = { name: 'worker01', nodeIp: '192.168.50.144', sdnIp: '10.11.0.1' };
    const last = (profile: Profile): string => {
      const { monitor, node, scheduler, story } = controllerBench(profile);
      node.answer = () => DialOutcome.Timeout;
      monitor.setNodes([WORKER, other]);
      scheduler.advanceTo(seconds(40));
      return (
        story
          .filter((line) => line.includes(' offline 192'))
          .at(-1)
          ?.split(' ')[0] ?? ''
      );
    };
    expect(last(profiles.head)).toBe('30.000');
    expect(last(resolveProfile('head', new Map([['sequential-dials', false]])))).toBe('15.000');
  });

  test('without the shadowed retry flag a verdict takes seven seconds', () => {
    const profile = resolveProfile('head', new Map([['shadowed-retry-flag', false]]));
    const { monitor, node, scheduler, story } = controllerBench(profile);
    node.answer = () => DialOutcome.Timeout;
    monitor.setNodes([WORKER]);
    scheduler.advanceTo(seconds(8));
    expect(story.at(-1)).toBe('7.000 offline 192.168.50.145');
  });

  test('with nobody to watch it stops, and starts again when there is somebody', () => {
    const { monitor, node, scheduler } = controllerBench(profiles.head);
    monitor.setNodes([WORKER]);
    monitor.setNodes([]);
    scheduler.advanceTo(seconds(20));
    expect(node.dials).toHaveLength(1);
    monitor.setNodes([WORKER]);
    scheduler.advanceTo(seconds(26));
    expect(node.dials).toHaveLength(3);
  });
});

describe('failed dials', () => {
  test('three of them in all mean offline, whatever came between', () => {
    const peer: Peer = { nodeIp: 'a', sdnIp: 'b', offline: false, failures: 0 };
    const pings = [false, true, false, false];
    const seen = pings.map((answered) => {
      judge(peer, answered, true);
      return [peer.failures, peer.offline];
    });
    expect(seen).toEqual([
      [1, false],
      [1, false],
      [2, false],
      [0, true],
    ]);
  });

  test('a success forgives them when the quirk is off', () => {
    const peer: Peer = { nodeIp: 'a', sdnIp: 'b', offline: false, failures: 0 };
    for (const answered of [false, true, false, false]) judge(peer, answered, false);
    expect(peer).toMatchObject({ offline: false, failures: 2 });
  });
});

describe("the nodes' ping monitor", () => {
  test('doubts at 5 and 7 s after a tick, gives up at 9 s, and dials suspects only', () => {
    const { klog, node, onVerdict, scheduler, story } = bench(profiles.head);
    const monitor = new PingMonitor({
      scheduler,
      dialer: node,
      profile: profiles.head,
      klog,
      onVerdict,
    });
    node.answer = (to) => (to === '10.8.2.1' ? DialOutcome.Timeout : DialOutcome.Refused);
    monitor.watch('192.168.50.144', '10.11.0.1', false);
    monitor.watch('192.168.50.145', '10.8.2.1', false);
    scheduler.advanceTo(seconds(14.5));
    expect(story.map((line) => line.replace(/(\d+\.\d)\d*/, '$1'))).toEqual([
      '10.0 I Node 192.168.50.145 may be offline... retrying',
      '12.0 I Node 192.168.50.145 may be offline... retrying',
      '14.0 W Node 192.168.50.145 is offline',
      '14.0 offline 192.168.50.145',
    ]);
    expect(node.dials.filter(({ to }) => to === '10.11.0.1')).toHaveLength(1);
  });

  test('watches a node as long as it hosts an active egress IP', () => {
    const { klog, node, onVerdict, scheduler } = bench(profiles.head);
    const monitor = new PingMonitor({
      scheduler,
      dialer: node,
      profile: profiles.head,
      klog,
      onVerdict,
    });
    monitor.watch('192.168.50.145', '10.8.2.1', false);
    monitor.watch('192.168.50.145', '10.8.2.1', false);
    monitor.unwatch('192.168.50.145');
    scheduler.advanceTo(seconds(6));
    expect(node.dials).toHaveLength(1);
    monitor.unwatch('192.168.50.145');
    scheduler.advanceTo(seconds(60));
    expect(node.dials).toHaveLength(1);
  });
});

describe('the VXLAN counter monitor of 4.3', () => {
  function vxlanBench() {
    const base = bench(profiles['v4.3']);
    const { klog, node, scheduler } = base;
    const updates: MonitorUpdate[] = [];
    const counters = (nodeIP: string) => node.counters.get(nodeIP) ?? { received: 0, sent: 0 };
    const monitor = new VxlanMonitor({
      scheduler,
      dialer: node,
      counters,
      klog,
      onVerdict: (nodeIP, offline) => updates.push({ nodeIP, offline }),
    });
    const count = (nodeIP: string, received: number, sent: number): void => {
      const now = counters(nodeIP);
      node.counters.set(nodeIP, { received: now.received + received, sent: now.sent + sent });
    };
    return { ...base, monitor, updates, count };
  }

  test.each(vectorFile.vxlanMonitorVectors.map((vector) => [vector.name, vector] as const))(
    '%s',
    (_name, { steps }) => {
      const { count, monitor, updates } = vxlanBench();
      steps.forEach((step, index) => {
        const { nodeIP = '', expect: wanted } = step;
        let retry: boolean | undefined;
        if (step.do === 'packetsIn') count(nodeIP, 1, 0);
        else if (step.do === 'packetsOut') count(nodeIP, 0, 1);
        else if (step.do === 'addNode') monitor.watch(nodeIP, '10.128.0.1');
        else if (step.do === 'check') retry = monitor.check(step.retryOnly ?? false);
        if (wanted?.retry !== undefined) expect([index, retry]).toEqual([index, wanted.retry]);
        if (wanted?.updates !== undefined) {
          expect([index, updates.splice(0)]).toEqual([index, wanted.updates]);
        }
      });
    },
  );

  test('traffic that stays unanswered means offline two seconds after the poll', () => {
    const { count, monitor, node, scheduler, story, updates } = vxlanBench();
    node.answer = () => DialOutcome.Timeout;
    monitor.watch('192.168.50.145', '10.8.2.1');
    scheduler.advanceTo(seconds(6));
    count('192.168.50.145', 0, 1);
    scheduler.advanceTo(seconds(14));
    expect(story).toEqual([
      '11.000 I Node 192.168.50.145 may be offline... retrying',
      '12.000 W Node 192.168.50.145 is offline',
    ]);
    expect(updates).toEqual([{ nodeIP: '192.168.50.145', offline: true }]);
    expect(node.dials.map(({ at, timeout }) => [at, timeout])).toEqual([
      [seconds(10), seconds(1)],
      [seconds(11), seconds(1)],
    ]);
    count('192.168.50.145', 1, 0);
    scheduler.advanceTo(seconds(15));
    expect(story.at(-1)).toBe('15.000 I Node 192.168.50.145 is back online');
  });
});
