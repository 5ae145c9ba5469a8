// The cluster's tables as `oc get` prints them, at this very moment.

import type { Kind } from '../kube/kinds/objects.ts';
import type { Lab } from '../lab/lab.ts';
import type { Table, TableSet } from './report.ts';

/** Null in a lab without a cluster. */
export function tablesOf(lab: Lab): TableSet | null {
  const { cluster } = lab;
  if (cluster === null) return null;
  const table = (kind: Kind): Table => cluster.table(kind);
  return {
    at: lab.now,
    nodes: table('Node'),
    hostSubnets: table('HostSubnet'),
    netNamespaces: table('NetNamespace'),
  };
}
