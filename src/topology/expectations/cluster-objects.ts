// What the API objects say: `hostsubnet:`, `netnamespace:`, `node:`.

import { z } from 'zod';
import { egressCidr, egressIp, integer } from '../../schema/values.ts';
import { MAXIMUM_VNI } from '../../wire/vxlan.ts';
import { defineExpectation, type ExpectationDefinition } from './definition.ts';
import type { ExpectationBase } from './expectation.ts';

/** Lists are compared in order; null is not checked. */
export interface HostSubnetExpectation extends ExpectationBase {
  readonly kind: 'hostsubnet';
  readonly node: string;
  readonly egressIps: readonly string[] | null;
  readonly egressCidrs: readonly string[] | null;
}

export interface NetNamespaceExpectation extends ExpectationBase {
  readonly kind: 'netnamespace';
  readonly namespace: string;
  readonly netid: number | null;
  readonly egressIps: readonly string[] | null;
}

export interface NodeExpectation extends ExpectationBase {
  readonly kind: 'node';
  readonly node: string;
  readonly ready: boolean;
}

const nodeName = z.string({ error: 'expected the name of a node' });

export const hostSubnet: ExpectationDefinition<HostSubnetExpectation> = defineExpectation(
  'hostsubnet',
  z
    .strictObject({
      hostsubnet: nodeName,
      egressIPs: z.array(egressIp).exactOptional(),
      egressCIDRs: z.array(egressCidr).exactOptional(),
    })
    .meta({ id: 'hostsubnetExpectation', description: 'What the HostSubnet says' }),
  (context, raw, base, path) => {
    if (!context.known(raw.hostsubnet, [...path, 'hostsubnet'], 'node')) return null;
    const egressIps = raw.egressIPs ?? null;
    const egressCidrs = raw.egressCIDRs ?? null;
    if (egressIps === null && egressCidrs === null) {
      context.reportMissing(
        path,
        'this expectation checks nothing',
        'add "egressIPs" or "egressCIDRs"',
        'value',
      );
    }
    return { ...base, kind: 'hostsubnet', node: raw.hostsubnet, egressIps, egressCidrs };
  },
);

export const netNamespace: ExpectationDefinition<NetNamespaceExpectation> = defineExpectation(
  'netnamespace',
  z
    .strictObject({
      netnamespace: z.string({ error: 'expected the name of a namespace' }),
      egressIPs: z.array(egressIp).exactOptional(),
      netid: integer(0, MAXIMUM_VNI, 'a VNID').exactOptional(),
    })
    .meta({ id: 'netnamespaceExpectation', description: 'What the NetNamespace says' }),
  (context, raw, base, path) => {
    if (!context.known(raw.netnamespace, [...path, 'netnamespace'], 'namespace')) return null;
    const egressIps = raw.egressIPs ?? null;
    const netid = raw.netid ?? null;
    if (egressIps === null && netid === null) {
      context.reportMissing(
        path,
        'this expectation checks nothing',
        'add "egressIPs" or "netid"',
        'value',
      );
    }
    return { ...base, kind: 'netnamespace', namespace: raw.netnamespace, netid, egressIps };
  },
);

export const node: ExpectationDefinition<NodeExpectation> = defineExpectation(
  'node',
  z
    .strictObject({
      node: nodeName,
      ready: z.boolean({ error: 'expected true or false' }),
    })
    .meta({ id: 'nodeExpectation', description: 'Whether the API shows the node as Ready' }),
  (context, raw, base, path) =>
    context.known(raw.node, [...path, 'node'], 'node')
      ? { ...base, kind: 'node', node: raw.node, ready: raw.ready }
      : null,
);
