// The tables that a lab is looked at through, by name: which rows each has, and what tells two rows of
// it apart. A new table is a file beside this one and a line in each of the two lists.

import type { Lab } from '../lab/lab.ts';
import type { NetworkStack } from '../stack/stack.ts';
import { type AddressRow, addressRows } from './addresses.ts';
import { type ClaimRow, claimRows } from './claims.ts';
import { type ConntrackRow, conntrackRows, zoneRows } from './conntrack.ts';
import { type DropRow, dropRows } from './drops.ts';
import { type FdbRow, fdbRows } from './fdb.ts';
import { type InterfaceRow, interfaceRows } from './interfaces.ts';
import { logRows, type PodLogRow } from './logs.ts';
import { type MachineRow, machineRows } from './machines.ts';
import { natRows, type RouterNatRow } from './nats.ts';
import { type NeighborRow, neighborRows } from './neighbors.ts';
import { type ObjectRow, objectRows } from './objects.ts';
import { type PolicyRow, policyRows } from './policies.ts';
import { type RouteExceptionRow, type RouteRow, routeExceptionRows, routeRows } from './routes.ts';
import { type RuleRow, ruleLine, ruleRows } from './rules.ts';
import { type CableRow, cableRows, type SegmentRow, segmentRows } from './segments.ts';
import { type SocketRow, socketRows } from './sockets.ts';

/** The rows of each table. */
export interface ViewRows {
  readonly machines: MachineRow;
  readonly segments: SegmentRow;
  readonly cables: CableRow;
  readonly interfaces: InterfaceRow;
  readonly addresses: AddressRow;
  readonly claims: ClaimRow;
  readonly routes: RouteRow;
  readonly rules: RuleRow;
  readonly exceptions: RouteExceptionRow;
  readonly neighbors: NeighborRow;
  readonly fdb: FdbRow;
  readonly conntrack: ConntrackRow;
  readonly policies: PolicyRow;
  readonly nats: RouterNatRow;
  readonly sockets: SocketRow;
  readonly objects: ObjectRow;
  readonly logs: PodLogRow;
  readonly drops: DropRow;
}

/** The name of a table. */
export type TableName = keyof ViewRows;

/** One way to look at a lab. */
export interface ViewTable<Row> {
  /**
   * The rows now, of one machine or segment or (null) of all; what belongs to no single one of
   * them (`objects`, `logs`, `drops`) comes whole.
   * @throws EgressLabError EGL_UNKNOWN_MACHINE or EGL_UNKNOWN_SEGMENT for a name that the lab does not have
   */
  rows(lab: Lab, of: string | null): Row[];
  /** Different for any two rows of one instant, the same for one thing over time. */
  key(row: Row): string;
}

/** All tables. */
export const VIEW_TABLES: { readonly [Name in TableName]: ViewTable<ViewRows[Name]> } = {
  machines: {
    rows: (lab, of) => machineRows(lab, of),
    key: ({ name }) => name,
  },
  segments: {
    rows: segmentRows,
    key: ({ name }) => name,
  },
  cables: {
    rows: cableRows,
    key: ({ name }) => name,
  },
  interfaces: {
    rows: onStacks(interfaceRows),
    key: (row) => `${row.machine}/${row.interface}`,
  },
  addresses: {
    rows: onStacks(addressRows),
    key: (row) => `${row.machine}/${row.interface}/${row.address}`,
  },
  claims: {
    rows: claimRows,
    key: (row) => `${row.address}/${row.holder}/${row.interface}/${row.kind}`,
  },
  routes: {
    rows: onStacks(routeRows),
    key: (row) =>
      `${row.machine}/${row.table}/${row.type}/${row.destination}/${row.metric}/${row.interface}/${row.via}`,
  },
  rules: {
    rows: onStacks(ruleRows),
    key: (row) => `${row.machine}/${ruleLine(row)}`,
  },
  exceptions: {
    rows: onStacks((stack) => routeExceptionRows(stack, stack.scheduler.now)),
    key: (row) => `${row.machine}/${row.table}/${row.destination}`,
  },
  neighbors: {
    rows: onStacks(neighborRows),
    key: (row) => `${row.machine}/${row.interface}/${row.address}`,
  },
  fdb: {
    rows: (lab, of) =>
      (of === null ? [...lab.segments.values()] : [lab.segment(of)]).flatMap((segment) =>
        fdbRows(segment, lab.now),
      ),
    key: (row) => `${row.segment}/${row.mac}`,
  },
  conntrack: {
    rows: (lab, of) =>
      (of === null ? [...lab.machines.values()] : [lab.machine(of)]).flatMap(
        ({ name, netfilter }) => [
          ...conntrackRows(name, netfilter),
          ...zoneRows(name, lab.cluster?.logical?.connections(name) ?? []),
        ],
      ),
    key: (row) => `${row.machine}/${row.zone ?? ''}/${row.sequence}`,
  },
  policies: {
    rows: policyRows,
    key: (row) => `${row.database}/${row.router}/${row.priority}/${row.match}/${row.owner}`,
  },
  nats: {
    rows: natRows,
    key: (row) => `${row.database}/${row.router}/${row.externalIp}/${row.logicalIp}/${row.owner}`,
  },
  sockets: {
    rows: onStacks(socketRows),
    key: (row) =>
      `${row.machine}/${row.protocol}/${row.localAddress}/${row.localPort}/${row.remoteAddress}/${row.remotePort}`,
  },
  objects: {
    rows: objectRows,
    key: (row) => `${row.kind}/${row.namespace}/${row.name}`,
  },
  logs: {
    rows: logRows,
    key: (row) => `${row.pod}/${row.sequence}`,
  },
  drops: {
    rows: dropRows,
    key: (row) => `${row.device}/${row.reason}`,
  },
};

/** Their names. */
export const TABLE_NAMES = Object.keys(VIEW_TABLES) as TableName[];

/** The rows of every stack, or of one. */
function onStacks<Row>(rows: (stack: NetworkStack) => Row[]): ViewTable<Row>['rows'] {
  return (lab, of) => (of === null ? lab.stacks() : [lab.stack(of)]).flatMap(rows);
}

/** A table at one instant. */
export interface TableView<Name extends TableName = TableName> {
  /** Lab time: what the deadlines of the rows count from. */
  readonly at: number;
  readonly rows: readonly ViewRows[Name][];
}

/** A table now, of one machine or segment or (null) of all. @throws EgressLabError as `rows` */
export function viewTable<Name extends TableName>(
  lab: Lab,
  name: Name,
  of: string | null,
): TableView<Name> {
  return { at: lab.now, rows: VIEW_TABLES[name].rows(lab, of) };
}
