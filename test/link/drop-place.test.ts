// Where something was dropped, as data and as text.

import { expect, test } from 'vitest';
import { type DropPlace, formatPlace } from '../../src/link/drop-place.ts';
import { NatTopology } from '../nat/nat-topology.ts';

test.each<[DropPlace, string]>([
  ['enp1s0', 'enp1s0'],
  [{ kind: 'rule', chain: 'forward', comment: null }, 'forward'],
  [{ kind: 'rule', chain: 'input', comment: 'no mail' }, 'input (no mail)'],
  [{ kind: 'flow', bridge: 'br0', table: 30, tenant: null }, 'br0 table 30'],
  [{ kind: 'flow', bridge: 'br0', table: 100, tenant: 'VNID 42' }, 'br0 table 100 VNID 42'],
])('%j is shown as %s', (place, text) => {
  expect(formatPlace(place)).toBe(text);
});

test('a rule of the packet filter says which chain it stands in and what it is for', () => {
  const lab = new NatTopology();
  const places: DropPlace[] = [];
  lab.s.drops.observer = (_device, where) => places.push(where);
  const { input } = lab.netfilterOf(lab.s).filter;
  input.append({ match: {}, action: 'drop', comment: 'nobody' });
  lab.lan.ping(lab.t, '192.0.2.10');
  lab.run(0.1);
  expect(places).toEqual([{ kind: 'rule', chain: 'input', comment: 'nobody' }]);
});
