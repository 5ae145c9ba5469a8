// v1 Pod: what runs on a node. Only pods that the topology declares and those of the cluster network
// run; one that is created through the API stays Pending, since the lab has no scheduler.

import { ageColumn, column, NONE, nameColumn, wideColumn } from './columns.ts';
import { type Condition, conditionsField } from './conditions.ts';
import { defineKind, type Kind } from './kind.ts';
import type { ObjectMeta } from './object.ts';
import { boolean, integer, keyedList, list, openObject, text } from './schema.ts';

/** What the kubelet says of one container. */
export type ContainerStatus = {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
};

/** Containers that share an address. */
export type Pod = {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: ObjectMeta;
  readonly spec: {
    /** Absent: no node runs it. */
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly containers: readonly { readonly name: string }[];
  };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly hostIP?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
};

/** The pods of the cluster. */
export const Pods: Kind<Pod> = defineKind<Pod>({
  name: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  namespaced: true,
  categories: ['all'],
  subresources: ['exec', 'log', 'status'],
  description: 'Pod is a collection of containers that can run on a host.',
  fields: {
    spec: {
      ...openObject('Specification of the desired behavior of the pod.', {
        nodeName: text('NodeName indicates in which node this pod is scheduled.'),
        hostNetwork: boolean("Host networking requested for this pod. Use the host's network."),
        containers: keyedList(
          'List of containers belonging to the pod.',
          ['name'],
          openObject('One container.', {
            name: text('Name of the container.'),
            image: text('Container image name; the lab does not look at it.'),
          }),
        ),
      }),
      required: ['containers'],
    },
    status: openObject('Most recently observed status of the pod.', {
      phase: text('Pending, Running, Succeeded, Failed or Unknown.'),
      podIP: text('IP address allocated to the pod.'),
      hostIP: text('IP address of the host to which the pod is assigned.'),
      conditions: conditionsField,
      containerStatuses: list(
        'Statuses of the containers in this pod.',
        openObject('The status of one container.', {
          name: text('Name of the container.'),
          ready: boolean('Whether the container is ready to serve.'),
          restartCount: integer('The number of times the container has been restarted.'),
        }),
      ),
    }),
  },
  required: ['spec'],
  columns: [
    nameColumn,
    column('Ready', podReady),
    column('Status', ({ status }) => status.phase),
    column('Restarts', podRestarts, 'integer'),
    ageColumn,
    wideColumn('IP', ({ status }) => status.podIP ?? NONE),
    wideColumn('Node', ({ spec }) => spec.nodeName ?? NONE),
    wideColumn('Nominated Node', () => NONE),
    wideColumn('Readiness Gates', () => NONE),
  ],
  complete: (document) => ({ ...document, status: document.status ?? { phase: 'Pending' } }),
});

function podReady({ spec, status }: Pod): string {
  const ready = (status.containerStatuses ?? []).filter((container) => container.ready).length;
  return `${ready}/${spec.containers.length}`;
}

function podRestarts({ status }: Pod): number {
  return (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}
