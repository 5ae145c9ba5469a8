// cloud.network.openshift.io/v1 CloudPrivateIPConfig: one address that a cloud is asked to route to a node.
// The name is the address; that of an IPv6 address is its eight full groups joined by dots.

import { nameColumn } from '../../../kube/kinds/columns.ts';
import { type Condition, conditionsField } from '../../../kube/kinds/conditions.ts';
import { defineKind, type Kind } from '../../../kube/kinds/kind.ts';
import type { ObjectMeta } from '../../../kube/kinds/object.ts';
import { object, text } from '../../../kube/kinds/schema.ts';

/** A private address of a cloud and the node that it is, or is to be, routed to. */
export type CloudPrivateIpConfig = {
  readonly apiVersion: 'cloud.network.openshift.io/v1';
  readonly kind: 'CloudPrivateIPConfig';
  readonly metadata: ObjectMeta;
  readonly spec: { readonly node?: string };
  readonly status?: { readonly node?: string; readonly conditions: readonly Condition[] };
};

/** What the cloud routes to which node. */
export const CloudPrivateIpConfigs: Kind<CloudPrivateIpConfig> = defineKind<CloudPrivateIpConfig>({
  name: 'CloudPrivateIPConfig',
  plural: 'cloudprivateipconfigs',
  group: 'cloud.network.openshift.io',
  description:
    'CloudPrivateIPConfig performs an assignment of a private IP address to the primary NIC associated with cloud VMs.',
  subresources: ['status'],
  bringsStatus: true,
  fields: {
    spec: object('spec is the definition of the desired private IP request.', {
      node: text(
        'node is the node name, as specified by the Kubernetes field: node.metadata.name.',
      ),
    }),
    status: object('status is the observed status of the desired private IP request. Read-only.', {
      node: text(
        'node is the node name, as specified by the Kubernetes field: node.metadata.name.',
      ),
      conditions: conditionsField,
    }),
  },
  required: ['spec'],
  columns: [nameColumn],
});
