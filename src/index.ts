// The package's main entry: labs, topologies and runs. Two more stand beside it: `egresslab/wire` (frames
// and codecs) and `egresslab/vitest` (a fixture and matchers). What is not exported here may change any day.

// Labs: a topology that runs in virtual time.

export { Capture, CapturedFrame, type CaptureFormatName } from './public/capture.ts';
export {
  Cluster,
  type ClusterObject,
  type EgressIpRow,
  type LogRow,
  type OcResult,
} from './public/cluster.ts';
export { Flow } from './public/flow.ts';
export type {
  ArpMatch,
  FrameMatch,
  IcmpName,
  PortMatch,
  TcpFlag,
  TcpMatch,
} from './public/frame-match.ts';
export { type Failure, Host, type TransmitOptions } from './public/host.ts';
export { createLab, Lab, type LabOptions, type LabStep } from './public/lab.ts';
export { Machine } from './public/machine.ts';
export { Node } from './public/node.ts';
export type {
  ArpingOptions,
  ArpingResult,
  PingOptions,
  PingReply,
  PingResult,
} from './public/ping.ts';
export { Pod } from './public/pod.ts';
export { Segment } from './public/segment.ts';
export { type ConnectOptions, TcpConnection } from './public/tcp-connection.ts';
export type { Duration } from './sim/duration.ts';
export { micros, millis, type Nanos, seconds } from './sim/time.ts';

// What is in a lab's tables.

export type { KubeObject, ObjectMeta, TextMap } from './kube/kinds/object.ts';
export type { DropPlace, FlowPlace, RulePlace } from './link/drop-place.ts';
export type { NeighborStateName } from './stack/neighbor/state.ts';
export type { AddressRow } from './view/addresses.ts';
export {
  type LiveRows,
  type LiveTable,
  type OmittedRows,
  type PlacedRow,
  type ViewBatch,
  type ViewChange,
  ViewCopy,
  type ViewSnapshot,
} from './view/changes.ts';
export type { ClaimRow } from './view/claims.ts';
export type { ConntrackRow, TupleRow } from './view/conntrack.ts';
export type { DropRow } from './view/drops.ts';
export type { EventRow } from './view/events.ts';
export type { FdbRow } from './view/fdb.ts';
export type { InterfaceRow } from './view/interfaces.ts';
export { LabView, type LabViewOptions } from './view/lab-view.ts';
export type { LadderArrival, LadderDrop, LadderEnd, LadderRow } from './view/ladder.ts';
export type { PodLogRow } from './view/logs.ts';
export type { MachineRow } from './view/machines.ts';
export type { RouterNatRow } from './view/nats.ts';
export type { NeighborRow } from './view/neighbors.ts';
export type { ObjectRow, ObjectTable, ObjectTables } from './view/objects.ts';
export type { PolicyRow } from './view/policies.ts';
export type { RouteExceptionRow, RouteRow } from './view/routes.ts';
export type { RuleRow } from './view/rules.ts';
export type { CableRow, ChannelRow, SegmentRow } from './view/segments.ts';
export type { SocketRow } from './view/sockets.ts';
export type { TableName, ViewRows } from './view/tables.ts';

// What happens in a lab: each kind of event with its fields, by the room that reports it.

export type { ClusterEvents } from './cluster/events.ts';
export type { EgressEvents } from './fabric/egress-events.ts';
export type { FabricEvents } from './fabric/events.ts';
export type { OpenshiftSdnEvents } from './fabric/openshift-sdn/events.ts';
export type { KubeEvents } from './kube/events.ts';
export type {
  AttachmentEvents,
  DriverEvents,
  FaultEvents,
  LabEvent,
  LabEvents,
} from './lab/events.ts';
export type { LinkEvents } from './link/events.ts';
export type { NatEvents } from './nat/events.ts';
export type { EventFields, EventOf, EventValue, NoFields } from './sim/event-log.ts';
export type { ClaimKind } from './stack/claims.ts';
export type { StackEvents } from './stack/events.ts';
export type { RouteType } from './stack/ipv4/route-table.ts';
export type { RuleAction } from './stack/ipv4/rule.ts';
export type { NeighborCause } from './stack/neighbor/state.ts';
export type { Errno } from './stack/socket/errno.ts';
export type { ScenarioEvents } from './topology/events.ts';
export type { ArpingMode } from './topology/steps/arping.ts';
export type { CableDirection } from './topology/steps/step.ts';

// Topologies: YAML or objects in, checked data or all that is wrong out.

export {
  type ParsedTopology,
  parseTopology,
  readTopology,
  Topology,
  TopologyError,
  type TopologyOptions,
  type TopologySource,
} from './public/topology.ts';
export type { Diagnostic, DiagnosticSeverity, SourceExcerpt } from './schema/diagnostic.ts';
export type { Position } from './schema/position.ts';

// Explorations: many variants of one topology.

export {
  type ExploredFinding,
  ExploreError,
  type ExploreOptions,
  type ExploreSummary,
  explore,
} from './public/explore.ts';

// Runs: a scenario from time zero to its end, and the report of it.

export { MemoryByteSink } from './capture/memory-byte-sink.ts';
export type { ByteSink } from './capture/sink.ts';
export { type RunOptions, runScenario } from './public/run.ts';
export type { Cause } from './scenario/analysis/causes.ts';
export type {
  AddressAnalysis,
  Analysis,
  Announcement,
  Belief,
  BelievedMac,
  BlackHole,
  DuplicateWindow,
  FlowAnalysis,
  Holding,
  Move,
  Refusal,
  Reserve,
  Span,
  Stage,
} from './scenario/analysis/model.ts';
export type {
  CaptureReport,
  ExpectationReport,
  FlowAnswerer,
  FlowConnection,
  FlowReport,
  Outage,
  ReportTopology,
  RunOutcome,
  RunProblem,
  RunReport,
  TimelineEntry,
} from './scenario/report.ts';

// What can go wrong.

export {
  EgressLabError,
  type ErrorCode,
  type ErrorDetails,
  type Fault,
} from './base/errors.ts';
export { VERSION } from './base/version.ts';
