// What events about egress IPs say to people, whichever cluster network they are of.

import type { EventOf } from '../sim/event-log.ts';
import type { Sentences } from '../sim/sentence.ts';
import type { EgressEvents } from './egress-events.ts';

/** A line of a timeline for each kind. */
export const egressSentences: Sentences<EgressEvents> = {
  'egress-ip-assigned': ({ fields: { ip, node } }) => `gives ${ip} to ${node}`,
  'egress-ip-unassigned': ({ fields: { ip, node } }) => `takes ${ip} from ${node}`,
  'egress-ip-claimed': ({ fields }) => `claims ${fields.ip} on ${fields.interface}`,
  'egress-ip-claim-failed': ({ fields: { ip, error } }) => `cannot claim ${ip}: ${error}`,
  'egress-ip-announced': ({ fields: { form, ip, number } }) =>
    `announces ${ip}, ${number} (${form})`,
  'egress-ip-released': ({ fields }) => `releases ${fields.ip} on ${fields.interface}`,
  'stale-egress-ip-removed': ({ fields }) =>
    `removes the stale ${fields.ip} from ${fields.interface}`,
  'node-offline': ({ fields: { ip, node } }) => `${node} ${ip} is offline`,
  'node-online': ({ fields: { ip, node } }) => `${node} ${ip} is back online`,
  'peer-offline': ({ fields: { node } }) => `finds ${node} offline`,
  'peer-online': ({ fields: { node } }) => `finds ${node} back online`,
  'namespace-egress': namespaceEgress,
  // Errors make the timeline. Warnings say what an event says already; the rest is for `oc logs`.
  'log-line': ({ fields: { line } }) => (/^E\d{4} /.test(line) ? line : null),
};

function namespaceEgress({ fields }: EventOf<EgressEvents, 'namespace-egress'>): string {
  const { namespace } = fields;
  switch (fields.outcome) {
    case 'via':
      return `${namespace} leaves as ${fields.ips.join(', ')} by ${fields.nodes.join(', ')}`;
    case 'dropped':
      return `${namespace} is dropped: none of its egress IPs is usable`;
    case 'normal':
      return `${namespace} leaves with the node address`;
  }
}
