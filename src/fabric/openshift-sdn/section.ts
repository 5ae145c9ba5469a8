// What OpenShift SDN adds to a topology: `cluster.fabric: { kind, profile, quirks }`, egress IPs and
// egress CIDRs of nodes, VNIDs and egress IPs of namespaces.

import { z } from 'zod';
import { egressCidr, egressIp, integer, network } from '../../schema/values.ts';
import { formatCidr } from '../../wire/ipv4-address.ts';
import { MAXIMUM_VNI } from '../../wire/vxlan.ts';
import { defineSection, type FabricSection } from '../section.ts';
import { DEFAULT_PROFILE, type ProfileName, profileNames } from './control/profile.ts';
import { type QuirkName, quirkNames, quirks } from './control/quirks.ts';
import type { NamespaceSettings, NodeSettings, SdnSettings } from './settings.ts';

const profile: z.ZodType<ProfileName> = z.enum(profileNames);

const quirkSwitch = z.boolean({ error: 'expected true or false' }).exactOptional();
const quirkSwitches: z.ZodType<Partial<Readonly<Record<QuirkName, boolean>>>> = z.strictObject(
  Object.fromEntries(quirkNames.map((name) => [name, quirkSwitch.describe(quirks[name])])),
);

/** What OpenShift's installer writes. */
const DEFAULT_SERVICE_NETWORK = '172.30.0.0/16';

/** netid.go: 0 is global, up to 9 reserved, 24 bits in all. */
const FIRST_NETID = 10;

/** What OpenShift SDN adds to `cluster:`, to nodes and namespaces. */
export const section: FabricSection = defineSection({
  options: {
    profile: profile
      .exactOptional()
      .describe('v4.3 when left out: the release whose logs people quote'),
    quirks: quirkSwitches
      .exactOptional()
      .describe('Quirks of the original: false switches one off'),
  },
  cluster: {
    serviceNetwork: network
      .exactOptional()
      .describe(
        'The addresses of services, which no pod reaches by its way out; 172.30.0.0/16 when left out',
      ),
  },
  node: {
    egressCIDRs: z
      .array(egressCidr)
      .exactOptional()
      .describe('Where egress IPs may be placed automatically'),
    egressIPs: z
      .array(egressIp)
      .exactOptional()
      .describe('Egress IPs that the node hosts at the start'),
  },
  namespace: {
    netid: integer(0, MAXIMUM_VNI, 'a VNID')
      .exactOptional()
      .describe('The next free one from 10 when left out'),
    egressIPs: z.array(egressIp).exactOptional().describe('NetNamespace.egressIPs at the start'),
  },
  pod: {},
  /** tun0. */
  nodeAddresses: 1,
  namedAfter: { hostsubnets: 'node', netnamespaces: 'namespace' },
  normalize: (_reporter, { options, cluster, nodes, namespaces }): SdnSettings => ({
    profile: options.profile ?? DEFAULT_PROFILE,
    quirks: options.quirks ?? {},
    serviceNetwork:
      cluster.serviceNetwork === undefined
        ? DEFAULT_SERVICE_NETWORK
        : formatCidr(cluster.serviceNetwork),
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([name, given]): [string, NodeSettings] => [
        name,
        { egressIps: given.egressIPs ?? [], egressCidrs: given.egressCIDRs ?? [] },
      ]),
    ),
    namespaces: namespaceSettings(namespaces),
  }),
});

interface RawNamespace {
  readonly netid?: number;
  readonly egressIPs?: readonly string[];
}

function namespaceSettings(
  namespaces: Readonly<Record<string, RawNamespace>>,
): Record<string, NamespaceSettings> {
  const taken = new Set(Object.values(namespaces).map(({ netid }) => netid));
  let next = FIRST_NETID;
  const settings = Object.entries(namespaces).map(
    ([name, { netid, egressIPs = [] }]): [string, NamespaceSettings] => {
      while (taken.has(next)) next += 1;
      return [name, { netid: netid ?? next++, egressIps: egressIPs }];
    },
  );
  return Object.fromEntries(settings);
}
