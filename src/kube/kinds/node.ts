// v1 Node: a machine of the cluster, as its kubelet and the node controller describe it.

import { ageColumn, column, NONE, nameColumn, wideColumn } from './columns.ts';
import { type Condition, conditionStatus, conditionsField } from './conditions.ts';
import { defineKind, type Kind } from './kind.ts';
import type { ObjectMeta } from './object.ts';
import { boolean, keyedList, list, openObject, text, textMap, timestamp } from './schema.ts';

/** Keeps pods away from a node. */
export type Taint = { readonly key: string; readonly effect: string; readonly timeAdded?: string };

/** A machine of the cluster. */
export type Node = {
  readonly apiVersion: 'v1';
  readonly kind: 'Node';
  readonly metadata: ObjectMeta;
  readonly spec: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] };
  readonly status: {
    readonly conditions?: readonly Condition[];
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    /** By resource: `kubectl describe node` divides by them. */
    readonly capacity?: Readonly<Record<string, string>>;
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly nodeInfo?: {
      readonly kubeletVersion: string;
      readonly osImage: string;
      readonly kernelVersion: string;
      readonly containerRuntimeVersion: string;
    };
  };
};

/** The nodes of the cluster. */
export const Nodes: Kind<Node> = defineKind<Node>({
  name: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  subresources: ['status'],
  bringsStatus: true,
  description: 'Node is a worker node in Kubernetes.',
  fields: {
    spec: openObject('Spec defines the behavior of a node.', {
      unschedulable: boolean('Unschedulable controls node schedulability of new pods.'),
      taints: list(
        "If specified, the node's taints.",
        openObject('Keeps pods that do not tolerate it away from the node.', {
          key: text('The taint key to be applied to a node.'),
          value: text('The taint value corresponding to the taint key.'),
          effect: text('NoSchedule, PreferNoSchedule or NoExecute.'),
          timeAdded: timestamp('TimeAdded represents the time at which the taint was added.'),
        }),
      ),
    }),
    status: openObject('Most recently observed status of the node.', {
      conditions: conditionsField,
      addresses: keyedList(
        'List of addresses reachable to the node.',
        ['type'],
        openObject('One address.', {
          type: text('Node address type, one of Hostname, ExternalIP or InternalIP.'),
          address: text('The node address.'),
        }),
      ),
      capacity: textMap('Capacity represents the total resources of a node.'),
      allocatable: textMap('Allocatable represents the resources available for scheduling.'),
      nodeInfo: openObject('Set of ids/uuids to uniquely identify the node.', {
        kubeletVersion: text('Kubelet Version reported by the node.'),
        osImage: text('OS Image reported by the node.'),
        kernelVersion: text("Kernel Version reported by the node from 'uname -r'."),
        containerRuntimeVersion: text('ContainerRuntime Version reported by the node.'),
      }),
    }),
  },
  columns: [
    nameColumn,
    column('Status', nodeStatus),
    column('Roles', nodeRoles),
    ageColumn,
    column('Version', ({ status }) => status.nodeInfo?.kubeletVersion ?? ''),
    wideColumn('Internal-IP', (node) => nodeAddress(node, 'InternalIP')),
    wideColumn('External-IP', (node) => nodeAddress(node, 'ExternalIP')),
    wideColumn('OS-Image', ({ status }) => status.nodeInfo?.osImage ?? UNKNOWN),
    wideColumn('Kernel-Version', ({ status }) => status.nodeInfo?.kernelVersion ?? UNKNOWN),
    wideColumn(
      'Container-Runtime',
      ({ status }) => status.nodeInfo?.containerRuntimeVersion ?? UNKNOWN,
    ),
  ],
  complete: (document) => ({
    ...document,
    spec: document.spec ?? {},
    status: document.status ?? {},
  }),
});

const UNKNOWN = '<unknown>';

function nodeStatus({ spec, status }: Node): string {
  const ready = conditionStatus(status.conditions, 'Ready');
  const text = ready === null ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady';
  return spec.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

const ROLE_LABEL = 'node-role.kubernetes.io/';

function nodeRoles(node: Node): string {
  const roles = Object.keys(node.metadata.labels ?? {}).flatMap((label) =>
    label.startsWith(ROLE_LABEL) && label !== ROLE_LABEL ? [label.slice(ROLE_LABEL.length)] : [],
  );
  return roles.length === 0 ? NONE : roles.sort().join(',');
}

function nodeAddress({ status }: Node, type: string): string {
  return status.addresses?.find((address) => address.type === type)?.address ?? NONE;
}
