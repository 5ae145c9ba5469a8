import { describe, expect, test } from 'vitest';
import {
  matchText,
  type NorthboundChange,
  NorthboundDatabase,
  type RouterPolicy,
} from '../../../src/fabric/ovn-kubernetes/northbound.ts';

function reroute(source: string, nexthops: readonly string[]): RouterPolicy {
  return {
    key: source,
    externalIds: {},
    priority: 100,
    match: { kind: 'source', source },
    action: 'reroute',
    nexthops,
    pktMark: null,
  };
}

describe('a northbound database', () => {
  test('tells of all changes of a transaction at its end, and of nothing when nothing changed', () => {
    const database = new NorthboundDatabase();
    const heard: (readonly NorthboundChange[])[] = [];
    const stop = database.onChange((changes) => heard.push(changes));
    database.transact(() => {
      database.put('policy', reroute('10.128.0.5', ['100.64.0.2']));
      database.put('policy', reroute('10.128.0.6', ['100.64.0.2']));
      expect(heard).toEqual([]);
    });
    expect(heard.map((changes) => changes.length)).toEqual([2]);
    database.put('policy', reroute('10.128.0.5', ['100.64.0.2']));
    database.remove('policy', 'unknown');
    expect(heard).toHaveLength(1);
    expect(database.transactions).toBe(1);
    database.remove('policy', '10.128.0.5');
    expect(heard[1]).toMatchObject([{ table: 'policy', after: null }]);
    stop();
    database.remove('policy', '10.128.0.6');
    expect(heard).toHaveLength(2);
    expect(database.policies).toEqual([]);
  });

  test('matches read as ovn-nbctl prints them', () => {
    expect(matchText({ kind: 'source', source: 'fd01::5' })).toBe('ip6.src == fd01::5');
    const between = { source: '10.128.0.0/14', destination: '100.64.0.0/16' };
    expect(matchText({ kind: 'between', ...between })).toBe(
      'ip4.src == 10.128.0.0/14 && ip4.dst == 100.64.0.0/16',
    );
    expect(matchText({ kind: 'mark', mark: 42 })).toBe('pkt.mark == 42');
    expect(matchText({ kind: 'pods-to-nodes', family: 'ip4' })).toBe(
      '(ip4.src == $egressip_served_pods_v4 || ip4.src == $egresssvc_served_pods_v4) && ip4.dst == $node_ips_v4',
    );
  });
});
