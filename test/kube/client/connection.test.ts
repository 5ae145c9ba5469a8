import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type HostSubnet,
  HostSubnets,
} from '../../../src/fabric/openshift-sdn/kinds/host-subnet.ts';
import { ApiConnection } from '../../../src/kube/client/connection.ts';
import { formatSeconds, millis, seconds } from '../../../src/sim/time.ts';
import { type ApiBench, addArticleCluster, apiBench } from '../bench.ts';

function connected(latency = millis(10)) {
  const bench = apiBench();
  addArticleCluster(bench.store);
  const connection = new ApiConnection({
    store: bench.store,
    scheduler: bench.scheduler,
    name: 'worker01',
    latency,
  });
  const story: string[] = [];
  const tell = (text: string): void =>
    void story.push(`${formatSeconds(bench.scheduler.now)} ${text}`);
  const informer = connection.informer(HostSubnets, {
    onList: (items) => tell(`list of ${items.length}`),
    onChange: ({ object, type }) =>
      tell(`${type} ${object.metadata.name} ${object.egressIPs?.join(',') ?? ''}`),
  });
  return { ...bench, connection, informer, story };
}

function patch(
  { store }: Pick<ApiBench, 'store'>,
  name: string,
  ...egressIPs: readonly string[]
): void {
  store.patch(HostSubnets, name, undefined, 'merge', { egressIPs });
}

describe('an informer', () => {
  test('lists after a round trip and hears of each change one latency later', () => {
    const bench = connected();
    bench.scheduler.advanceTo(seconds(1));
    patch(bench, 'worker01', '1.2.3.4');
    bench.scheduler.advanceTo(seconds(2));
    expect(bench.story).toEqual(['0.020 list of 5', '1.010 MODIFIED worker01 1.2.3.4']);
  });

  test('hears nothing while cut, and afterwards one event per object that changed, deletions last', () => {
    const bench = connected();
    bench.scheduler.advanceTo(seconds(1));
    bench.connection.cut();
    patch(bench, 'worker01', '1.2.3.4');
    patch(bench, 'worker01', '1.2.3.5');
    bench.store.delete(HostSubnets, 'master01');
    patch(bench, 'worker02', '1.2.3.6');
    bench.scheduler.advanceTo(seconds(10));
    expect(bench.informer.get('worker01')?.egressIPs).toBeUndefined();
    bench.connection.restore();
    bench.scheduler.advanceTo(seconds(20));
    expect(bench.story.slice(1)).toEqual([
      '11.020 MODIFIED worker01 1.2.3.5',
      '11.020 MODIFIED worker02 1.2.3.6',
      '11.020 DELETED master01 ',
    ]);
    expect(bench.informer.get('worker01')?.egressIPs).toEqual(['1.2.3.5']);
  });

  test('what was on its way when the cable was cut is not lost for good', () => {
    const bench = connected();
    bench.scheduler.advanceTo(seconds(1));
    patch(bench, 'worker01', '1.2.3.4');
    bench.scheduler.advanceTo(seconds(1.005));
    bench.connection.cut();
    bench.connection.restore();
    bench.scheduler.advanceTo(seconds(3));
    expect(bench.story.slice(1)).toEqual(['2.025 MODIFIED worker01 1.2.3.4']);
  });

  test('a connection that was never there lists when it comes up', () => {
    const bench = connected();
    bench.connection.cut();
    bench.scheduler.advanceTo(seconds(5));
    expect(bench.story).toEqual([]);
    bench.connection.restore();
    bench.scheduler.advanceTo(seconds(7));
    expect(bench.story).toEqual(['6.020 list of 5']);
  });

  test('a resync hands every object on again', () => {
    const bench = connected();
    const seen: boolean[] = [];
    bench.connection.informer(
      HostSubnets,
      {
        onList: () => undefined,
        onChange: ({ object, previous }) => seen.push(object === previous),
      },
      { resync: seconds(60) },
    );
    bench.scheduler.advanceTo(seconds(61));
    expect(seen).toEqual([true, true, true, true, true]);
  });

  test('one that was released hears nothing more', () => {
    const bench = connected();
    bench.scheduler.advanceTo(seconds(1));
    patch(bench, 'worker01', '1.2.3.4');
    bench.connection.release(bench.informer);
    bench.scheduler.advanceTo(seconds(5));
    expect(bench.story).toHaveLength(1);
  });

  test('its view is the server s, however often the cable is cut', () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('write' as const),
        name: fc.constantFrom('worker01', 'worker02', 'x'),
        last: fc.nat(3),
      }),
      fc.record({
        do: fc.constant('delete' as const),
        name: fc.constantFrom('worker01', 'x'),
        last: fc.constant(0),
      }),
      fc.record({
        do: fc.constantFrom('cut' as const, 'restore' as const, 'pass' as const),
        name: fc.constant(''),
        last: fc.nat(2500),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const bench = apiBench();
        addArticleCluster(bench.store);
        const { scheduler, store } = bench;
        const connection = new ApiConnection({ store, scheduler, name: 'n', latency: millis(10) });
        const view = new Map<string, HostSubnet>();
        const informer = connection.informer(HostSubnets, {
          onList: (items) => {
            for (const object of items) view.set(object.host, object);
          },
          onChange: ({ object, previous, type }) => {
            expect(view.get(object.host) ?? null).toEqual(previous);
            if (type === 'DELETED') view.delete(object.host);
            else view.set(object.host, object);
          },
        });
        for (const { do: action, last, name } of steps) {
          if (action === 'cut') connection.cut();
          else if (action === 'restore') connection.restore();
          else if (action === 'pass') scheduler.advanceTo(scheduler.now + millis(last));
          else if (action === 'delete') store.delete(HostSubnets, name);
          else if (store.get(HostSubnets, name) !== null) patch(bench, name, `1.2.3.${last}`);
          else {
            store.create(HostSubnets, {
              apiVersion: 'network.openshift.io/v1',
              kind: 'HostSubnet',
              metadata: { name },
              host: name,
              hostIP: '192.168.50.1',
              subnet: '10.1.0.0/23',
            });
          }
          expect([...view.values()].sort((a, b) => (a.host < b.host ? -1 : 1))).toEqual(
            informer.list(),
          );
        }
        connection.restore();
        scheduler.advanceTo(scheduler.now + seconds(2));
        expect(informer.list()).toEqual(store.list(HostSubnets).items);
        expect(view.size).toBe(informer.list().length);
      }),
    );
  });
});

describe('a request', () => {
  test('takes a round trip', () => {
    const { connection, scheduler, store } = connected();
    let answered = '';
    connection.request(
      (server) =>
        server.patch(HostSubnets, 'worker01', undefined, 'merge', { egressIPs: ['1.2.3.4'] }),
      (result) => {
        answered = `${formatSeconds(scheduler.now)} ${result.ok}`;
      },
    );
    scheduler.advanceTo(seconds(0.015));
    expect(store.get(HostSubnets, 'worker01')?.egressIPs).toEqual(['1.2.3.4']);
    expect(answered).toBe('');
    scheduler.advanceTo(seconds(1));
    expect(answered).toBe('0.020 true');
  });

  test.each([
    ['before it was sent', 0, false],
    ['on its way there', 0.005, false],
    ['on its way back', 0.015, true],
  ])('that is cut %s times out', (_when, cutAt, written) => {
    const { connection, scheduler, store } = connected();
    const answers: string[] = [];
    if (cutAt === 0) connection.cut();
    connection.request(
      (server) =>
        server.patch(HostSubnets, 'worker01', undefined, 'merge', { egressIPs: ['1.2.3.4'] }),
      (result) => answers.push(result.ok ? 'ok' : result.status.reason),
    );
    scheduler.advanceTo(seconds(cutAt));
    connection.cut();
    scheduler.advanceTo(seconds(40));
    expect(answers).toEqual(['Timeout']);
    expect(store.get(HostSubnets, 'worker01')?.egressIPs !== undefined).toBe(written);
  });
});
