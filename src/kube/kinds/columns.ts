// The columns that the API server prints for each kind when a client asks for a Table: those of the
// built-in resources (kubernetes pkg/printers/internalversion) and of OpenShift's CRDs.

import { humanDuration } from '../duration.ts';
import { parseTimestamp, type WallClock } from '../wall-clock.ts';
import type { Condition, Event, Kind, Node, ObjectOf, Pod } from './objects.ts';

/** What a cell holds; null is a field that is absent. */
export type Cell = string | number | null;

/** What a cell may need besides its object. */
export interface ColumnContext {
  readonly clock: WallClock;
  /** `[a b]` (kube <= 1.18) or `["a","b"]`. */
  readonly listStyle: 'go' | 'json';
}

/** One column. */
export interface Column<K extends Kind = Kind> {
  readonly name: string;
  readonly type: 'string' | 'integer';
  /** Only with `-o wide` (priority 1). */
  readonly wide: boolean;
  readonly cell: (object: ObjectOf<K>, context: ColumnContext) => Cell;
}

type CellOf<K extends Kind> = Column<K>['cell'];

function column<K extends Kind>(
  name: string,
  cell: CellOf<K>,
  type: Column['type'] = 'string',
): Column<K> {
  return { name, type, wide: false, cell };
}

function wideColumn<K extends Kind>(name: string, cell: CellOf<K>): Column<K> {
  return { name, type: 'string', wide: true, cell };
}

const NONE = '<none>';

export const columns: { readonly [K in Kind]: readonly Column<K>[] } = {
  HostSubnet: [
    column('Name', (object) => object.metadata.name),
    column('Host', (object) => object.host),
    column('Host IP', (object) => object.hostIP),
    column('Subnet', (object) => object.subnet ?? null),
    column('Egress CIDRs', (object, { listStyle }) => listCell(object.egressCIDRs, listStyle)),
    column('Egress IPs', (object, { listStyle }) => listCell(object.egressIPs, listStyle)),
  ],
  NetNamespace: [
    column('Name', (object) => object.metadata.name),
    column('NetID', (object) => object.netid, 'integer'),
    column('Egress IPs', (object, { listStyle }) => listCell(object.egressIPs, listStyle)),
  ],
  Node: [
    column('Name', (object) => object.metadata.name),
    column('Status', nodeStatus),
    column('Roles', nodeRoles),
    column('Age', (object, { clock }) => ageOf(object.metadata.creationTimestamp, clock)),
    column('Version', (object) => object.status.nodeInfo?.kubeletVersion ?? ''),
    wideColumn('Internal-IP', (object) => nodeAddress(object, 'InternalIP')),
    wideColumn('External-IP', (object) => nodeAddress(object, 'ExternalIP')),
    wideColumn('OS-Image', (object) => object.status.nodeInfo?.osImage ?? '<unknown>'),
    wideColumn('Kernel-Version', (object) => object.status.nodeInfo?.kernelVersion ?? '<unknown>'),
    wideColumn(
      'Container-Runtime',
      (object) => object.status.nodeInfo?.containerRuntimeVersion ?? '<unknown>',
    ),
  ],
  Namespace: [
    column('Name', (object) => object.metadata.name),
    column('Status', (object) => object.status?.phase ?? 'Active'),
    column('Age', (object, { clock }) => ageOf(object.metadata.creationTimestamp, clock)),
  ],
  Pod: [
    column('Name', (object) => object.metadata.name),
    column('Ready', podReady),
    column('Status', (object) => object.status.phase),
    column('Restarts', podRestarts, 'integer'),
    column('Age', (object, { clock }) => ageOf(object.metadata.creationTimestamp, clock)),
    wideColumn('IP', (object) => object.status.podIP ?? NONE),
    wideColumn('Node', (object) => object.spec.nodeName),
    wideColumn('Nominated Node', () => NONE),
    wideColumn('Readiness Gates', () => NONE),
  ],
  Event: [
    column('Last Seen', (object, { clock }) => ageOf(object.lastTimestamp, clock)),
    column('Type', (object) => object.type),
    column('Reason', (object) => object.reason),
    column('Object', eventObject),
    wideColumn('Subobject', () => ''),
    wideColumn('Source', eventSource),
    column('Message', (object) => object.message),
    wideColumn('First Seen', (object, { clock }) => ageOf(object.firstTimestamp, clock)),
    wideColumn('Count', (object) => object.count),
    wideColumn('Name', (object) => object.metadata.name),
  ],
};

/** A list in one cell; an absent field is blank, an empty list is '[]'. */
export function listCell(
  list: readonly string[] | undefined,
  style: ColumnContext['listStyle'],
): string | null {
  if (list === undefined) return null;
  return style === 'go' ? `[${list.join(' ')}]` : JSON.stringify(list);
}

/** The status of a condition; null when the object has none of that type. */
export function conditionStatus(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition['status'] | null {
  return conditions?.find((condition) => condition.type === type)?.status ?? null;
}

function nodeStatus(node: Node): string {
  const ready = conditionStatus(node.status.conditions, 'Ready');
  const status = ready === null ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady';
  return node.spec.unschedulable === true ? `${status},SchedulingDisabled` : status;
}

const ROLE_LABEL = 'node-role.kubernetes.io/';

function nodeRoles(node: Node): string {
  const roles = Object.keys(node.metadata.labels ?? {}).flatMap((label) =>
    label.startsWith(ROLE_LABEL) && label !== ROLE_LABEL ? [label.slice(ROLE_LABEL.length)] : [],
  );
  return roles.length === 0 ? NONE : roles.sort().join(',');
}

function nodeAddress(node: Node, type: string): string {
  return node.status.addresses?.find((address) => address.type === type)?.address ?? NONE;
}

function podReady(pod: Pod): string {
  const statuses = pod.status.containerStatuses ?? [];
  const ready = statuses.filter((status) => status.ready).length;
  return `${ready}/${pod.spec.containers.length}`;
}

function podRestarts(pod: Pod): number {
  return (pod.status.containerStatuses ?? []).reduce(
    (sum, { restartCount }) => sum + restartCount,
    0,
  );
}

function eventObject(event: Event): string {
  return `${event.involvedObject.kind.toLowerCase()}/${event.involvedObject.name}`;
}

function eventSource(event: Event): string {
  const { component, host } = event.source;
  return host === undefined ? component : `${component}, ${host}`;
}

function ageOf(timestamp: string, clock: WallClock): string {
  const since = parseTimestamp(timestamp);
  return since === null ? '<unknown>' : humanDuration(clock.seconds() - since);
}
