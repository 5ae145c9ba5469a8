// The public API. Tests and tools import from here and from nowhere else:
//
//   import { createLab, parseTopology, seconds } from 'egresslab';

// What can go wrong.
export { EgressLabError, type ErrorCode } from './base/errors.ts';
export { VERSION } from './base/version.ts';
export {
  CAPTURE_FORMATS,
  captureFormatNamed,
  captureFormatOfFile,
} from './capture/formats/index.ts';
export { MemoryByteSink } from './capture/memory-byte-sink.ts';
// What was on the wire.
export { type CapturedFrame, MemorySink } from './capture/memory-sink.ts';
export type { ByteSink, CaptureSink } from './capture/sink.ts';
export {
  addressLines,
  fdbLines,
  neighborLines,
  routeLines,
  socketLines,
} from './lab/inspect.ts';
// A lab in virtual time.
export { createLab, type Duration, Lab, type LabOptions } from './lab/lab.ts';
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
  Stage,
} from './scenario/analysis/model.ts';
// What a scenario tells when it is over.
export type {
  CaptureReport,
  DropCount,
  ExpectationReport,
  FlowReport,
  Listing,
  Outage,
  RunOutcome,
  RunProblem,
  RunReport,
  Table,
  TableSet,
  TimelineEntry,
} from './scenario/report.ts';
export type { CaptureDestination, CaptureRequest, RunOptions } from './scenario/run-options.ts';
// A whole scenario, as `egresslab run` does it.
export { runScenario } from './scenario/runner.ts';
export type { Diagnostic } from './schema/diagnostic.ts';
export type { EventValue, LabEvent } from './sim/event-log.ts';
export { micros, millis, type Nanos, seconds } from './sim/time.ts';
// A topology: text or objects in, validated data or diagnostics out.
export { type ParseResult, parseTopology, topologyFromObject } from './topology/parse.ts';
export type { Topology } from './topology/topology.ts';
export * as arp from './wire/arp.ts';
export { describe } from './wire/describe.ts';
export * as ethernet from './wire/ethernet.ts';
export { Frame, FrameArena } from './wire/frame.ts';
export * as ipv4 from './wire/ipv4.ts';
export { formatIpv4, type Ipv4Address, parseIpv4 } from './wire/ipv4-address.ts';
export { formatMac, type MacAddress, parseMac } from './wire/mac-address.ts';
export * as tcp from './wire/tcp.ts';
export * as udp from './wire/udp.ts';
