// `hostsubnet: worker01` and `netnamespace: shop`: what the objects of OpenShift SDN say. Lists are
// compared in order; what is left out is not checked.

import { z } from 'zod';
import { listDifference } from '../../base/difference.ts';
import { egressCidr, egressIp, integer } from '../../schema/values.ts';
import { MAXIMUM_VNI } from '../../wire/vxlan.ts';
import { defineFabricExpectation, type FabricExpectation } from '../expectation.ts';
import { HostSubnets } from './kinds/host-subnet.ts';
import { NetNamespaces } from './kinds/net-namespace.ts';

const hostSubnet = defineFabricExpectation({
  keyword: 'hostsubnet',
  schema: z
    .strictObject({
      hostsubnet: z.string({ error: 'expected the name of a node' }),
      egressIPs: z.array(egressIp).exactOptional(),
      egressCIDRs: z.array(egressCidr).exactOptional(),
    })
    .meta({ id: 'hostsubnetExpectation', description: 'What the HostSubnet says' }),
  normalize: (reporter, raw, path) => {
    if (!reporter.known(raw.hostsubnet, [...path, 'hostsubnet'], 'node')) return null;
    const egressIps = raw.egressIPs ?? null;
    const egressCidrs = raw.egressCIDRs ?? null;
    if (egressIps === null && egressCidrs === null) {
      const remedy = 'add "egressIPs" or "egressCIDRs"';
      reporter.reportMissing(path, 'this expectation checks nothing', remedy, 'value');
    }
    return { node: raw.hostsubnet, egressIps, egressCidrs };
  },
  check: (store, { node, egressIps, egressCidrs }) => {
    const object = store.get(HostSubnets, node);
    if (object === null) return [`there is no HostSubnet ${node}`];
    const what = `hostsubnet ${node}`;
    return [
      ...listDifference(`${what} egressIPs`, object.egressIPs ?? [], egressIps),
      ...listDifference(`${what} egressCIDRs`, object.egressCIDRs ?? [], egressCidrs),
    ];
  },
});

const netNamespace = defineFabricExpectation({
  keyword: 'netnamespace',
  schema: z
    .strictObject({
      netnamespace: z.string({ error: 'expected the name of a namespace' }),
      egressIPs: z.array(egressIp).exactOptional(),
      netid: integer(0, MAXIMUM_VNI, 'a VNID').exactOptional(),
    })
    .meta({ id: 'netnamespaceExpectation', description: 'What the NetNamespace says' }),
  normalize: (reporter, raw, path) => {
    if (!reporter.known(raw.netnamespace, [...path, 'netnamespace'], 'namespace')) return null;
    const egressIps = raw.egressIPs ?? null;
    const netid = raw.netid ?? null;
    if (egressIps === null && netid === null) {
      reporter.reportMissing(
        path,
        'this expectation checks nothing',
        'add "egressIPs" or "netid"',
        'value',
      );
    }
    return { namespace: raw.netnamespace, netid, egressIps };
  },
  check: (store, { namespace, netid, egressIps }) => {
    const object = store.get(NetNamespaces, namespace);
    if (object === null) return [`there is no NetNamespace ${namespace}`];
    const what = `netnamespace ${namespace}`;
    const saw = listDifference(`${what} egressIPs`, object.egressIPs ?? [], egressIps);
    if (netid !== null && object.netid !== netid) saw.push(`${what} netid is ${object.netid}`);
    return saw;
  },
});

/** In the order in which the JSON Schema lists them. */
export const expectations: readonly FabricExpectation[] = [hostSubnet, netNamespace];
