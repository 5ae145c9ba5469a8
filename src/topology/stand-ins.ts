// What stands in for the parts of a topology that everything else refers to, so that one mistake there
// is one problem and not a hundred.

import type { StandIns } from '../schema/prune.ts';

/** By path; the values are chosen so that nothing else complains of them. `kind` is that of the fabric. */
export function standIns(kind: string): StandIns {
  return {
    name: 'lab',
    segments: {},
    'cluster.fabric': kind,
    'cluster.sdn': kind,
    'cluster.segment': 'lan',
    'cluster.nodes': {},
    'scenario.duration': '24h',
  };
}
