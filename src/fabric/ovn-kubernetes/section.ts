// What OVN-Kubernetes adds to a topology: `cluster.fabric: { kind, profile, quirks, reachabilityTimeout }`,
// the gateway mode, the EgressIP objects, and how late the agent of a node hears of the API.

import { z } from 'zod';
import { duration, integer, mapping, objectName } from '../../schema/values.ts';
import { defineSection, type FabricSection } from '../section.ts';
import { DEFAULT_PROFILE, type ProfileName, profileNames } from './profile-name.ts';
import { type QuirkName, quirkNames, quirks } from './quirks.ts';
import {
  checkEgressIp,
  EgressIpSurroundings,
  type RawEgressIp,
  type RawNamespaces,
  type RawNodes,
  type RawPods,
} from './section-egress-ips.ts';
import type { EgressIpSettings, OvnSettings, SelectorSettings } from './settings.ts';

/** `--egressip-reachability-total-timeout`. */
const DEFAULT_TIMEOUT = 1;

const profile: z.ZodType<ProfileName> = z.enum(profileNames);
const quirkSwitch = z.boolean({ error: 'expected true or false' }).exactOptional();
const quirkSwitches: z.ZodType<Partial<Readonly<Record<QuirkName, boolean>>>> = z.strictObject(
  Object.fromEntries(quirkNames.map((name) => [name, quirkSwitch.describe(quirks[name].symptom)])),
);

const text = z.string({ error: 'expected a text' });
const selector: z.ZodType<SelectorSettings> = z
  .strictObject({
    matchLabels: z.record(text, text).exactOptional(),
    matchExpressions: z
      .array(
        z.strictObject({
          key: text,
          operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
          values: z.array(text).exactOptional(),
        }),
      )
      .exactOptional(),
  })
  .meta({ id: 'labelSelector', description: 'A Kubernetes LabelSelector' });

const egressIp: z.ZodType<RawEgressIp> = z
  .strictObject({
    egressIPs: z.array(text).min(1, { error: 'expected at least one address' }),
    namespaceSelector: selector,
    podSelector: selector.exactOptional(),
  })
  .meta({ id: 'egressIPObject', description: 'An EgressIP object at the start' });

/** Its part of a topology. */
export const section: FabricSection = defineSection({
  options: {
    profile: profile.exactOptional().describe('The OpenShift release; 4.18 when left out'),
    quirks: quirkSwitches
      .exactOptional()
      .describe('Bugs of the original: true or false switches one on or off'),
    reachabilityTimeout: integer(0, 60, 'seconds')
      .exactOptional()
      .describe('Of one health check, in seconds; 0: nodes are not probed. 1 when left out'),
  },
  cluster: {
    gatewayMode: z
      .enum(['shared', 'local'])
      .exactOptional()
      .describe('How ordinary pod traffic leaves a node; shared when left out'),
    egressIPs: mapping(objectName, egressIp)
      .exactOptional()
      .describe('EgressIP objects that stand in the API at the start'),
  },
  node: {
    apiDelay: duration
      .exactOptional()
      .describe('How late the agent of this node hears of every change'),
  },
  namespace: {},
  pod: {},
  /** rtos and ovn-k8s-mp0. */
  nodeAddresses: 2,
  namedAfter: {},
  normalize: (reporter, { options, cluster, namespaces, nodes, pods }, path): OvnSettings => {
    const all = Object.entries(cluster.egressIPs ?? {});
    // Every cluster's nodes, namespaces and pods have these, which the reader of topologies has checked.
    const surroundings = new EgressIpSurroundings(
      nodes as RawNodes,
      namespaces as RawNamespaces,
      pods as RawPods,
    );
    for (const [name, given] of all) {
      checkEgressIp(reporter, given, surroundings, [...path, 'egressIPs', name]);
    }
    return {
      profile: options.profile ?? DEFAULT_PROFILE,
      quirks: options.quirks ?? {},
      gatewayMode: cluster.gatewayMode ?? 'shared',
      reachabilityTimeout: options.reachabilityTimeout ?? DEFAULT_TIMEOUT,
      apiDelays: Object.fromEntries(
        Object.entries(nodes).map(([name, { apiDelay }]) => [name, apiDelay ?? 0]),
      ),
      egressIPs: Object.fromEntries(
        all.map(
          ([name, { egressIPs, namespaceSelector, podSelector }]): [string, EgressIpSettings] => [
            name,
            { egressIps: egressIPs, namespaceSelector, podSelector: podSelector ?? null },
          ],
        ),
      ),
    };
  },
});
