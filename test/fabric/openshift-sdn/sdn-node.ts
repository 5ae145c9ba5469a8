// A node of OpenShift SDN in a running lab, with all that its data path has.

import { SdnNode } from '../../../src/fabric/openshift-sdn/datapath/node.ts';
import type { Lab } from '../../../src/lab/lab.ts';

export function sdnNode(lab: Lab, name: string): SdnNode {
  const node = lab.cluster?.nodes.get(name);
  if (!(node instanceof SdnNode)) throw new Error(`${name} is no node of OpenShift SDN`);
  return node;
}
