// What a cluster network owes the lab. Each implementation is one folder beside this file and one line in
// index.ts; one that has kinds of events of its own also adds them in events.ts and sentences.ts. test/contract/fabric.ts says what every one of them does.

import type { Kind } from '../kube/kinds/kind.ts';
import type { ObjectStore } from '../kube/server/store.ts';
import type { AdministratorChange } from './administrator-change.ts';
import type { FabricExpectation } from './expectation.ts';
import type { FabricNetwork, FabricSite } from './network.ts';
import type { FabricSection } from './section.ts';
import type { FabricTable } from './table.ts';

/** One kind of cluster network. */
export interface Fabric {
  /** As a topology names it: 'openshift-sdn'. */
  readonly kind: string;
  /** The namespace of its own pods, where `oc logs` looks for a pod that the current project does not have. */
  readonly systemNamespace: string;
  /** Its part of the topology file. */
  readonly section: FabricSection;
  /** What it brings to the API, in the order in which discovery lists it. */
  readonly kinds: readonly Kind[];
  /** What a scenario can expect of its objects. */
  readonly expectations: readonly FabricExpectation[];
  /** The tables of the report, beside `nodes`. */
  readonly tables: readonly FabricTable[];
  /** What an administrator might change about egress IPs, as the objects stand; empty where there are none. */
  changes(store: ObjectStore): readonly AdministratorChange[];
  /** Sets it up in a lab; nothing runs yet. */
  build(site: FabricSite): FabricNetwork;
}
