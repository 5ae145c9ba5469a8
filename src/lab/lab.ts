// The whole thing, for people: a topology made to run in virtual time. Nothing happens unless time is
// advanced; then everything that is due happens in one total order, the same for the same seed.

import { Capture } from '../capture/capture.ts';
import { MemorySink } from '../capture/memory-sink.ts';
import { DROPS_SELECTOR, type PortSelection, selectPorts } from '../capture/port-selector.ts';
import type { CaptureSink } from '../capture/sink.ts';
import type { Fabric } from '../fabric/fabric.ts';
import { FABRICS } from '../fabric/index.ts';
import { WallClock } from '../kube/wall-clock.ts';
import type { Drops } from '../link/drops.ts';
import type { Port } from '../link/port.ts';
import { type Duration, nanosOf } from '../sim/duration.ts';
import type { EventLog } from '../sim/event-log.ts';
import type { Random } from '../sim/random.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import type { Nanos } from '../sim/time.ts';
import { Claims, kernelClaims } from '../stack/claims.ts';
import type { NetworkStack } from '../stack/stack.ts';
import type { ClusterSpec, LinkProperties } from '../topology/model.ts';
import type { FailureKind } from '../topology/steps/fail.ts';
import type { ImpairTarget } from '../topology/steps/impair.ts';
import type { CableDirection, CableTarget } from '../topology/steps/step.ts';
import type { Topology } from '../topology/topology.ts';
import type { FrameArena } from '../wire/frame.ts';
import { type Attachment, type AttachmentProvider, KERNEL } from './attachment.ts';
import { Attachments } from './attachments.ts';
import { createContext, type LabContext } from './context.ts';
import type { LabEvents } from './events.ts';
import { faultTarget, faultTargets } from './fault-target.ts';
import { Faults } from './faults.ts';
import { LabCluster } from './lab-cluster.ts';
import { acceptOffload, buildMachine, type Machine } from './machine.ts';
import { buildSegmentLinks, buildSegments, type Segment, type SegmentLink } from './segment.ts';
import { unknownName } from './unknown-name.ts';

/** What a caller may decide about a lab. */
export interface LabOptions {
  /** Takes the place of the topology's seed. */
  readonly seed?: number;
  /** Opens what `attach:` asks for; a topology that attaches nothing needs none. */
  readonly attachments?: AttachmentProvider;
  /** The cluster networks that the topology may name; those that the lab ships when left out. */
  readonly fabrics?: readonly Fabric[];
}

/** How far `advanceUntil` goes between two looks at its condition. */
const LOOK_INTERVAL: Nanos = 1_000_000;

/** A topology that runs: machines, cables, perhaps a cluster, and time that the caller advances. */
export class Lab {
  readonly topology: Topology;
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly arena: FrameArena;
  readonly random: Random;
  /** Everything that happened so far. */
  readonly events: EventLog<LabEvents>;
  readonly segments: ReadonlyMap<string, Segment>;
  /** Cables between segments. */
  readonly links: ReadonlyMap<string, SegmentLink>;
  /** Hosts and nodes, by name, in the order of the file. */
  readonly machines: ReadonlyMap<string, Machine>;
  /** Where the lab is joined to the kernel, by device name. */
  readonly attachments: ReadonlyMap<string, Attachment>;
  /** Null in a lab without a cluster. */
  readonly cluster: LabCluster | null;
  /** Who answers for which address. */
  readonly claims: Claims;
  readonly faults: Faults;
  /** Lab time as a calendar date. */
  readonly clock: WallClock;
  readonly #kernelDrops: Drops;

  /** Builds the lab and stands at time zero; nothing has been sent yet. */
  constructor(topology: Topology, options: LabOptions = {}) {
    this.topology = topology;
    this.seed = options.seed ?? topology.seed;
    const context: LabContext = createContext(this.seed);
    this.scheduler = context.scheduler;
    this.arena = context.arena;
    this.random = context.random;
    this.events = context.events;
    this.segments = buildSegments(topology.segments, context);
    this.links = buildSegmentLinks(topology.links, this.segments, context);
    this.faults = new Faults(context.events);
    const provider = options.attachments ?? null;
    const attachments = new Attachments(topology, provider, this.segments, context);
    this.attachments = attachments.plugged;
    this.#kernelDrops = attachments.drops;
    const machines = new Map<string, Machine>();
    const nodes = topology.cluster?.nodes.map((node) => node.machine) ?? [];
    for (const spec of [...topology.hosts, ...nodes]) {
      machines.set(spec.name, buildMachine(spec, this.segments, attachments, context));
    }
    this.machines = machines;
    // A node's tunnels and pods want single segments, a plain router does not care.
    for (const { name } of topology.hosts) acceptOffload(this.machine(name));
    const { seconds, nanos } = topology.epoch;
    this.clock = new WallClock(context.scheduler, seconds * 1e6 + Math.floor(nanos / 1e3));
    this.cluster =
      topology.cluster === null
        ? null
        : new LabCluster(
            topology.cluster,
            fabricOf(topology.cluster, options.fabrics ?? FABRICS),
            machines,
            this.clock,
            context,
          );
    this.claims = new Claims([
      ...this.stacks().map(kernelClaims),
      ...(this.cluster?.claimants ?? []),
    ]);
  }

  /** Nanoseconds of lab time. */
  get now(): Nanos {
    return this.scheduler.now;
  }

  /** Lets time pass: everything due meanwhile happens. @throws EgressLabError for storms and bad durations */
  advance(duration: Duration): void {
    this.scheduler.advanceTo(this.now + nanosOf(duration));
  }

  /** Lets time pass until the condition holds, at most `limit`; true if it came to hold. Looks every millisecond. */
  advanceUntil(condition: () => boolean, limit: Duration): boolean {
    const end = this.now + nanosOf(limit);
    while (!condition()) {
      if (this.now >= end) return false;
      this.scheduler.advanceTo(Math.min(end, this.now + LOOK_INTERVAL));
    }
    return true;
  }

  /** The stack of a host, node or pod. @throws EgressLabError EGL_UNKNOWN_MACHINE */
  stack(name: string): NetworkStack {
    const stack = this.machines.get(name)?.stack ?? this.cluster?.pods.get(name)?.stack;
    return stack ?? unknownName('machine', name, [...this.machines.keys(), ...this.#podNames()]);
  }

  /** @throws EgressLabError EGL_UNKNOWN_MACHINE */
  machine(name: string): Machine {
    return this.machines.get(name) ?? unknownName('machine', name, [...this.machines.keys()]);
  }

  /** @throws EgressLabError EGL_UNKNOWN_SEGMENT */
  segment(name: string): Segment {
    return this.segments.get(name) ?? unknownName('segment', name, [...this.segments.keys()]);
  }

  /** Every port in the lab, hosts first, in the order of the file. */
  ports(): Port[] {
    const ports: Port[] = [];
    for (const stack of this.stacks()) {
      for (const iface of stack.interfaces) ports.push(iface.port);
    }
    for (const { port } of this.attachments.values()) ports.push(port);
    for (const { bridge } of this.segments.values()) ports.push(...bridge.ports);
    return ports;
  }

  /** The ports of each machine, those inside a node too, where frames pass that no interface shows. */
  machinePorts(): [string, readonly Port[]][] {
    const ports = this.stacks().map((stack): [string, readonly Port[]] => {
      const inner = this.cluster?.nodes.get(stack.name)?.innerPorts ?? [];
      return [stack.name, [...stack.interfaces.map((iface) => iface.port), ...inner]];
    });
    const kernel = [...this.attachments.values()].map(({ port }) => port);
    return kernel.length === 0 ? ports : [...ports, [KERNEL, kernel]];
  }

  /** Hosts, nodes and pods. */
  stacks(): NetworkStack[] {
    const machines = [...this.machines.values()].map(({ stack }) => stack);
    const pods = [...(this.cluster?.pods.values() ?? [])].map(({ stack }) => stack);
    return [...machines, ...pods];
  }

  /** Where drops are counted: every host, node, pod, segment and cable between segments. */
  drops(): Drops[] {
    const segments = [...this.segments.values()].map(({ bridge }) => bridge.drops);
    const links = [...this.links.values()].map(({ drops }) => drops);
    return [...this.stacks().map(({ drops }) => drops), this.#kernelDrops, ...segments, ...links];
  }

  /** The ports that selectors name, and 'drops' last if it is one of them. @throws EgressLabError EGL_UNKNOWN_PORT */
  capturable(...selectors: readonly string[]): string[] {
    const { ports, drops } = this.#select(selectors);
    return [...ports.map((port) => port.name), ...(drops ? [DROPS_SELECTOR] : [])];
  }

  /**
   * Records what crosses the ports that the selectors name ('db/eth0', 'lan/*', 'drops') into a sink.
   * @throws EgressLabError EGL_UNKNOWN_PORT
   */
  captureTo(sink: CaptureSink, ...selectors: readonly string[]): Capture {
    const { ports, drops } = this.#select(selectors);
    const captured = ports.map((port) => ({ port }));
    const { scheduler } = this;
    return new Capture({ scheduler, sink, ports: captured, drops: drops ? this.drops() : [] });
  }

  /** The same into memory, for assertions. */
  capture(...selectors: readonly string[]): MemorySink {
    const sink = new MemorySink();
    this.captureTo(sink, ...selectors);
    return sink;
  }

  /** Makes a machine fail, in one of the three ways. `agent-stopped` is for nodes. */
  fail(name: string, how: FailureKind = 'power-off'): void {
    const machine = this.machine(name);
    if (how === 'agent-stopped') this.cluster?.stopAgents(name);
    else if (how === 'unplugged') this.faults.unplug(machine);
    else this.faults.powerOff(machine);
    this.#updateApiConnections();
  }

  /** Undoes every failure of a machine; one that was powered off boots. */
  restore(name: string): void {
    const machine = this.machine(name);
    this.faults.plugIn(machine);
    this.faults.powerOn(machine);
    this.cluster?.startAgents(name);
    this.#updateApiConnections();
  }

  /** Takes a cable down or up, or one direction of it. */
  setLink(target: CableTarget, up: boolean, direction: CableDirection = 'both'): void {
    this.faults.setLink(faultTarget(this, target), up, direction);
    this.#updateApiConnections();
  }

  /** Changes what the cables of an interface, a link or a whole segment do to frames. */
  impair(
    target: ImpairTarget,
    change: Partial<LinkProperties>,
    options: { readonly direction?: CableDirection; readonly clear?: boolean } = {},
  ): void {
    const { direction = 'both', clear = false } = options;
    for (const each of faultTargets(this, target))
      this.faults.impair(each, direction, clear, change);
  }

  /**
   * Machines of different groups on a segment no longer hear each other. @throws EgressLabError
   * EGL_UNKNOWN_MACHINE for who is not on it
   */
  partition(segment: string, groups: readonly (readonly string[])[]): void {
    const target = this.segment(segment);
    const known = [...new Set(target.behind.values())];
    for (const name of groups.flat()) {
      if (!known.includes(name)) unknownName('machine', name, known);
    }
    this.faults.partition(target, groups);
    this.#updateApiConnections();
  }

  heal(segment: string): void {
    this.faults.heal(this.segment(segment));
    this.#updateApiConnections();
  }

  #select(selectors: readonly string[]): PortSelection<Port> {
    const selection = selectPorts(selectors, this.ports());
    const [missing] = selection.unmatched;
    if (missing === undefined) return selection;
    return unknownName(
      'port',
      missing,
      this.ports().map((port) => port.name),
    );
  }

  /** The API is served on the control-plane nodes' network: who cannot reach it hears nothing new. */
  #updateApiConnections(): void {
    this.cluster?.updateConnections((a, b) => this.#reaches(a, b));
  }

  #reaches(a: Machine, b: Machine): boolean {
    if (!a.stack.powered || !b.stack.powered) return false;
    if (a === b) return true;
    const [cableA] = a.cables.values();
    const [cableB] = b.cables.values();
    if (cableA === undefined || cableB === undefined) return false;
    const works = [cableA, cableB].every(({ link }) => link.ab.up && link.ba.up);
    if (!works || cableA.segment === null) return works;
    return !this.faults.separates(cableA.segment, a.name, b.name);
  }

  #podNames(): string[] {
    return [...(this.cluster?.pods.keys() ?? [])];
  }
}

/** @throws EgressLabError EGL_UNKNOWN_FABRIC for one that the topology was read with and the lab is not */
function fabricOf({ fabric }: ClusterSpec, fabrics: readonly Fabric[]): Fabric {
  const known = fabrics.map(({ kind }) => kind);
  return (
    fabrics.find(({ kind }) => kind === fabric.kind) ?? unknownName('fabric', fabric.kind, known)
  );
}

/** Builds a running lab from a topology; time stands at zero. */
export function createLab(topology: Topology, options: LabOptions = {}): Lab {
  return new Lab(topology, options);
}
