import { describe, expect, test } from 'vitest';
import { ApiConnection } from '../../../src/kube/client/connection.ts';
import { NodeLifecycle } from '../../../src/kube/controllers/node-lifecycle.ts';
import { Nodes } from '../../../src/kube/kinds/node.ts';
import { Random } from '../../../src/sim/random.ts';
import { seconds } from '../../../src/sim/time.ts';
import { addArticleCluster, apiBench } from '../bench.ts';

function living() {
  const bench = apiBench();
  addArticleCluster(bench.store);
  const { events, scheduler, store } = bench;
  const lifecycle = new NodeLifecycle({ scheduler, store, events, random: new Random(1) });
  const registered = new Map(store.list(Nodes).items.map((node) => [node.metadata.name, node]));
  const nodes = store.list(Nodes).items.map(({ metadata: { name } }) => {
    const connection = new ApiConnection({ store, scheduler, name });
    const kubelet = lifecycle.kubelet(name, connection, () => {
      const { metadata, ...rest } = registered.get(name) ?? unknown(name);
      const conditions = [{ type: 'Ready', status: 'False' as const }];
      return { ...rest, metadata: { name: metadata.name }, status: { ...rest.status, conditions } };
    });
    kubelet.start();
    return { name, connection, kubelet };
  });
  lifecycle.start();
  const status = (name: string): string =>
    bench.oc(`get node ${name} --no-headers`).stdout.split(/ +/)[1] ?? '';
  const firstAt = (kind: string): number =>
    (events.events.find((event) => event.kind === kind)?.at ?? Number.NaN) / 1e9;
  const worker = nodes.find(({ name }) => name === 'worker02');
  if (worker === undefined) throw new Error('no worker02');
  const story = (): string[] =>
    events.events.map(({ fields, kind }) => `${kind} ${'node' in fields ? fields.node : ''}`);
  return { ...bench, story, lifecycle, worker, status, firstAt };
}

function unknown(name: string): never {
  throw new Error(`no node ${name}`);
}

describe('a node that was deleted', () => {
  test('registers again when its kubelet starts, and is Ready at its word', () => {
    const { oc, scheduler, status, story, worker } = living();
    scheduler.advanceTo(seconds(20));
    expect(oc('delete node worker02').stdout).toContain('deleted');
    scheduler.advanceTo(seconds(60));
    expect(status('worker02'), 'a kubelet that runs does not register again').toBe('');
    worker.kubelet.stop();
    worker.kubelet.start();
    scheduler.advanceTo(seconds(61));
    expect(status('worker02')).toBe('Ready');
    expect(story()).toEqual(['node-registered worker02', 'node-ready worker02']);
    expect(oc('get events --no-headers').stdout).toContain(
      'Node worker02 event: Registered Node worker02 in Controller',
    );
  });

  test('registers as soon as a kubelet that started without a way to the API has one', () => {
    const { oc, scheduler, status, worker } = living();
    oc('delete node worker02');
    worker.kubelet.stop();
    worker.connection.cut();
    worker.kubelet.start();
    scheduler.advanceTo(seconds(100));
    expect(status('worker02')).toBe('');
    worker.connection.restore();
    scheduler.advanceTo(seconds(111));
    expect(status('worker02')).toBe('Ready');
  });
});

describe('a node', () => {
  test('stays Ready as long as its kubelet is heard', () => {
    const { scheduler, status, events } = living();
    scheduler.advanceTo(seconds(600));
    expect(status('worker02')).toBe('Ready');
    expect(events.events).toEqual([]);
  });

  test('is NotReady 40 s after it was last heard, give or take the five-second look', () => {
    const { firstAt, oc, scheduler, status, worker } = living();
    scheduler.advanceTo(seconds(100));
    worker.kubelet.stop();
    scheduler.advanceTo(seconds(200));
    expect(status('worker02')).toBe('NotReady');
    expect(status('worker01')).toBe('Ready');
    expect(firstAt('node-not-ready')).toBeGreaterThan(130);
    expect(firstAt('node-not-ready')).toBeLessThanOrEqual(145);
    const { stdout } = oc('get node worker02 -o yaml');
    expect(stdout).toContain('reason: NodeStatusUnknown');
    expect(stdout).toContain('message: Kubelet stopped posting node status.');
    expect(stdout).toContain('- effect: NoExecute\n    key: node.kubernetes.io/unreachable');
    expect(oc('get events --no-headers').stdout).toMatch(
      /Normal {3}NodeNotReady {3}node\/worker02 {3}Node worker02 status is now: NodeNotReady\n$/,
    );
  });

  test('whose cable is cut is NotReady too, and Ready at its first word afterwards', () => {
    const { firstAt, oc, scheduler, status, worker } = living();
    scheduler.advanceTo(seconds(100));
    worker.connection.cut();
    scheduler.advanceTo(seconds(200));
    expect(status('worker02')).toBe('NotReady');
    worker.connection.restore();
    scheduler.advanceTo(seconds(211));
    expect(status('worker02')).toBe('Ready');
    expect(firstAt('node-ready')).toBeLessThanOrEqual(210.1);
    expect(oc('get node worker02 -o yaml').stdout).not.toContain('taints');
  });

  test('that reboots is Ready as soon as its kubelet starts', () => {
    const { scheduler, status, worker } = living();
    worker.kubelet.stop();
    scheduler.advanceTo(seconds(100));
    worker.kubelet.start();
    scheduler.advanceTo(seconds(100.1));
    expect(status('worker02')).toBe('Ready');
  });

  test('is never given up while nobody looks', () => {
    const { lifecycle, scheduler, status, worker } = living();
    lifecycle.stop();
    worker.kubelet.stop();
    scheduler.advanceTo(seconds(600));
    expect(status('worker02')).toBe('Ready');
  });

  test('that flaps has one event with a count', () => {
    const { oc, scheduler, worker } = living();
    for (let round = 0; round < 3; round++) {
      worker.kubelet.stop();
      scheduler.advanceTo(scheduler.now + seconds(60));
      worker.kubelet.start();
      scheduler.advanceTo(scheduler.now + seconds(60));
    }
    expect(oc("get events -o jsonpath='{.items[*].count}'").stdout).toBe('3 3');
  });
});

test('heartbeats do not keep an idle lab going', () => {
  const { scheduler } = living();
  scheduler.advanceTo(seconds(1));
  expect(scheduler.idle).toBe(true);
});
