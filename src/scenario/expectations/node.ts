// `node:`: whether the API shows a node as Ready.

import { Nodes } from '../../kube/kinds/node.ts';
import type { NodeExpectation } from '../../topology/expectations/node.ts';
import type { ScenarioState } from '../state.ts';

/** `node:`, whether the Node is as Ready as it should be. */
export function node({ lab }: ScenarioState, expectation: NodeExpectation): string[] {
  const object = lab.cluster?.store.get(Nodes, expectation.node) ?? null;
  if (object === null) return [`there is no Node ${expectation.node}`];
  const condition = object.status.conditions?.find(({ type }) => type === 'Ready');
  const ready = condition?.status === 'True';
  if (ready === expectation.ready) return [];
  return [`node ${expectation.node} is ${ready ? 'Ready' : 'NotReady'}`];
}
