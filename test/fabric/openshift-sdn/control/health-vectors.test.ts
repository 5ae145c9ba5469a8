import { describe, expect, test } from 'vitest';
import { DialOutcome } from '../../../../src/fabric/dialer.ts';
import {
  ControllerMonitor,
  type Readiness,
} from '../../../../src/fabric/openshift-sdn/control/controller-monitor.ts';
import { Klog } from '../../../../src/fabric/openshift-sdn/control/klog.ts';
import { judge, type Peer } from '../../../../src/fabric/openshift-sdn/control/peer-health.ts';
import {
  type Profile,
  type ProfileName,
  profiles,
} from '../../../../src/fabric/openshift-sdn/control/profile.ts';
import { VxlanMonitor } from '../../../../src/fabric/openshift-sdn/control/vxlan-monitor.ts';
import { WallClock } from '../../../../src/kube/wall-clock.ts';
import { Random } from '../../../../src/sim/random.ts';
import { Scheduler } from '../../../../src/sim/scheduler.ts';
import { seconds } from '../../../../src/sim/time.ts';
import { ArticleCluster } from './cluster.ts';
import { FakeNode } from './fake-node.ts';
import { type HealthVector, type TimelineEntry, vectorFile } from './vector-file.ts';

const NODE = { name: 'worker02', nodeIp: '192.168.50.145', sdnIp: '10.8.2.1' };

/** Something that was seen, in seconds since the start that the vector describes. */
interface Seen {
  readonly t: number;
  readonly log?: string;
  readonly offline?: boolean;
}

class Stage {
  readonly scheduler: Scheduler = new Scheduler();
  readonly node: FakeNode = new FakeNode(this.scheduler, 'master01', '192.168.50.141/24');
  readonly klog: Klog;
  readonly seen: Seen[] = [];
  start = 0;

  constructor(profile: Profile) {
    this.klog = new Klog({
      clock: new WallClock(this.scheduler, 0),
      profile,
      pid: 1,
      verbosity: 2,
      write: (line) =>
        this.seen.push({ t: this.#t, log: `${line[0]}: ${line.slice(line.indexOf(']') + 2)}` }),
    });
  }

  readonly onVerdict = (_nodeIp: string, offline: boolean): void => {
    this.seen.push({ t: this.#t, offline });
  };

  get #t(): number {
    return this.scheduler.now / 1e9 - this.start;
  }

  pass(time: number): void {
    this.scheduler.advanceTo(this.scheduler.now + seconds(time));
  }

  /** From now on seconds are counted anew. */
  restart(): void {
    this.seen.length = 0;
    this.start = this.scheduler.now / 1e9;
  }
}

/** Checks the entries of a timeline against what was seen; a window in words admits any time in it. */
function checkTimeline(seen: readonly Seen[], timeline: readonly TimelineEntry[]): void {
  for (const { log, setNodeOffline, t } of timeline) {
    const [low, high] = windowOf(t);
    const then = seen.filter((item) => item.t >= low - 0.1 && item.t <= high + 0.1);
    const text = log
      ?.replace(/^V\d /, '')
      .replace('<nodeIP>', NODE.nodeIp)
      .replace('<nodeName>', NODE.name);
    if (text !== undefined && text !== 'same warning repeated') {
      expect(then.map((item) => item.log)).toContain(text);
    }
    if (setNodeOffline !== undefined)
      expect(then.map((item) => item.offline)).toContain(setNodeOffline);
  }
}

function windowOf(t: number | string): readonly [number, number] {
  if (typeof t === 'number') return [t, t];
  const range = /\((\d+)\.\.(\d+)/.exec(t);
  if (range !== null) return [Number(range[1]), Number(range[2])];
  const each = /^\+(\d+) s each/.exec(t);
  if (each !== null) return [Number(each[1]), 2 * Number(each[1])];
  throw new Error(`a time that this test does not read: ${t}`);
}

function controllerStage(profile: Profile, readiness: () => Readiness = () => 'ready') {
  const stage = new Stage(profile);
  const { klog, node: dialer, onVerdict, scheduler } = stage;
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
  monitor.setNodes([NODE]);
  return stage;
}

const plays: Readonly<Record<string, (vector: HealthVector, profile: Profile) => void>> = {
  'master-silent-failure': ({ timeline = [] }, profile) => {
    const stage = new Stage(profile);
    const { klog, node: dialer, onVerdict, scheduler } = stage;
    dialer.answer = () => DialOutcome.Timeout;
    const random = new Random(1);
    const readiness = (): Readiness => 'ready';
    const monitor = new ControllerMonitor({
      scheduler,
      dialer,
      profile,
      klog,
      random,
      readiness,
      onVerdict,
    });
    monitor.setNodes([NODE]);
    stage.pass(16);
    checkTimeline(stage.seen, timeline);
    expect(dialer.dials.map(({ at, timeout }) => [at / 1e9, timeout / 1e9]).slice(0, 3)).toEqual([
      [0, 5],
      [5, 5],
      [10, 5],
    ]);
  },
  'master-recovery': (_vector, profile) => {
    const stage = controllerStage(profile);
    stage.node.answer = () => DialOutcome.Timeout;
    stage.pass(40);
    stage.node.answer = () => DialOutcome.Refused;
    stage.restart();
    stage.pass(11);
    checkTimeline(stage.seen, [
      { t: 'window (0..10 s)', log: 'I: Node <nodeIP> is back online', setNodeOffline: false },
    ]);
  },
  'master-notready': ({ then, timeline = [] }, profile) => {
    let state: Readiness = 'ready';
    const stage = controllerStage(profile, () => state);
    stage.pass(1);
    state = 'not-ready';
    stage.restart();
    stage.pass(12);
    checkTimeline(stage.seen, timeline);
    expect(stage.node.dials).toHaveLength(1);
    expect(stage.seen.filter(({ log }) => log?.includes('is not Ready')).length).toBeGreaterThan(1);
    state = 'ready';
    stage.restart();
    stage.pass(6);
    checkTimeline(stage.seen, then?.timeline ?? []);
  },
  'node-retry-counter-not-reset-by-success': (
    { offlineAfter, pings = [], retriesAfter },
    profile,
  ) => {
    const peer: Peer = { nodeIp: 'a', sdnIp: 'b', offline: false, failures: 0 };
    const states = pings.map((ping) => {
      judge(peer, ping === 'ok', profile.quirks.has('sticky-failure-count'));
      return { ...peer };
    });
    expect(states.map(({ failures }) => failures)).toEqual(retriesAfter);
    expect(states.map(({ offline }) => offline)).toEqual(offlineAfter);
  },
  'vxlan-monitor-silent-failure': ({ timeline = [] }, profile) => {
    const stage = new Stage(profile);
    const { klog, node: dialer, onVerdict, scheduler } = stage;
    dialer.answer = () => DialOutcome.Timeout;
    let sent = 0;
    const counters = () => ({ received: 0, sent });
    const monitor = new VxlanMonitor({ scheduler, dialer, counters, klog, onVerdict });
    monitor.watch(NODE.nodeIp, NODE.sdnIp);
    stage.pass(7);
    sent = 1;
    stage.pass(3 - 1e-9);
    // The poll at which the packets are noticed is the start of the timeline.
    stage.start = 10;
    stage.pass(4);
    checkTimeline(stage.seen, timeline);
    expect(stage.seen).toHaveLength(3);
  },
  'auto-failover-total-head': ({ timeline = [] }, profile) => {
    const ip = '192.168.50.120';
    const [noticed, verdict] = timeline.slice(0, 2).map(({ t }) => windowOf(t));
    // The phases of both monitors against the failure.
    for (let phase = 0; phase < 5; phase += 0.7) {
      const cluster = new ArticleCluster({ profile });
      cluster.oc(`patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${ip}"]}'`);
      for (const worker of ['worker01', 'worker02']) {
        cluster.oc(
          `patch hostsubnet ${worker} --type=merge -p '{"egressCIDRs": ["192.168.50.0/24"]}'`,
        );
      }
      cluster.until(20 + phase);
      const [holder = ''] = cluster.holders(ip);
      const other = holder === 'worker01' ? 'worker02' : 'worker01';
      cluster.kill(holder);
      const failed = cluster.now;
      cluster.until(failed + 40);
      const after = (
        kind: string,
        source: string,
        fields: Readonly<Record<string, string>> = {},
      ): number => {
        const event = cluster.bench.events.events.find(
          (candidate) =>
            candidate.at / 1e9 > failed &&
            candidate.kind === kind &&
            candidate.source === source &&
            Object.entries(fields).every(
              ([key, value]) => new Map(Object.entries(candidate.fields)).get(key) === value,
            ),
        );
        return (event?.at ?? Number.NaN) / 1e9 - failed;
      };
      const within = (value: number, window: readonly [number, number] | undefined): void => {
        expect(value).toBeGreaterThanOrEqual((window?.[0] ?? 0) - 0.1);
        expect(value).toBeLessThanOrEqual((window?.[1] ?? 0) + 0.1);
      };
      within(after('namespace-egress', 'master01', { outcome: 'dropped' }), noticed);
      const declared = after('node-offline', 'controller');
      within(declared, verdict);
      const taken = after('egress-ip-unassigned', 'controller', { node: holder });
      within(taken - declared, [1, 1]);
      const claimed = after('egress-ip-claimed', other);
      within(claimed - taken, [1, 1]);
      within(claimed, [17, 22]);
      within(after('egress-ip-announced', other, { form: 'reply' }) - claimed, [0, 0]);
      within(after('egress-ip-announced', other, { form: 'request' }) - claimed, [2, 2]);
      within(after('namespace-egress', 'master01', { outcome: 'via' }) - claimed, [0, 0]);
    }
  },
};

const cases = vectorFile.healthMonitorVectors.flatMap((vector) =>
  vector.profiles.map((profile): [ProfileName, string, HealthVector] => [
    profile,
    vector.name,
    vector,
  ]),
);

describe('health monitors keep to the time lines of the original', () => {
  test.each(cases)('%s: %s', (profile, name, vector) => {
    const play = plays[name];
    if (play === undefined) throw new Error(`no play for ${name}`);
    play(vector, profiles[profile]);
  });
});
