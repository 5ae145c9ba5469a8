// Opens the attachments of a topology and plugs in those that are on a segment; those that are a
// machine's interface wait for their machine.

import { present } from '../base/assert.ts';
import { EgressLabError } from '../base/errors.ts';
import { Drops } from '../link/drops.ts';
import { Link } from '../link/link.ts';
import { Port } from '../link/port.ts';
import type { AttachmentSpec } from '../topology/attachments/attachment.ts';
import type { MachineSpec } from '../topology/model.ts';
import type { Topology } from '../topology/topology.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import {
  type AttachedDevice,
  type Attachment,
  type AttachmentProvider,
  KERNEL,
} from './attachment.ts';
import type { LabContext } from './context.ts';
import type { Segment } from './segment.ts';

/** A device that is open and whose port has no cable yet. */
interface Pending {
  readonly spec: AttachmentSpec;
  readonly device: AttachedDevice;
  readonly port: Port;
}

/** The kernel devices of a topology, opened and plugged in. */
export class Attachments {
  /** By the name of the device, in the order of the file; complete once all machines are built. */
  readonly plugged: Map<string, Attachment> = new Map();
  /** What the kernel did not take, or should not have sent. */
  readonly drops: Drops = new Drops(KERNEL);
  readonly #pending = new Map<string, Pending>();

  /** @throws EgressLabError EGL_ATTACH_NEEDS_REALTIME, and the errors of the provider. */
  constructor(
    topology: Topology,
    provider: AttachmentProvider | null,
    segments: ReadonlyMap<string, Segment>,
    context: LabContext,
  ) {
    const { attachments } = topology;
    const [first] = attachments;
    if (first === undefined) return;
    if (provider === null) throw needsRealTime(topology, first);
    const machines = [
      ...topology.hosts,
      ...(topology.cluster?.nodes.map(({ machine }) => machine) ?? []),
    ];
    const { scheduler, arena, events } = context;
    for (const spec of attachments) {
      const hostMac = 'host' in spec ? macOf(machines, spec.host, spec.interface) : null;
      const { drops } = this;
      const device = provider.open({ spec, scheduler, arena, events, drops, hostMac });
      const port = new Port(`${KERNEL}/${spec.name}`, device);
      const pending = { spec, device, port };
      if ('segment' in spec) this.#plugIn(pending, spec.segment, segments, context);
      else this.#pending.set(`${spec.host}/${spec.interface}`, pending);
    }
  }

  /** The cable between a machine's port and the kernel device that waits for it. */
  cableFor(machine: string, interfaceName: string, port: Port, context: LabContext): Link {
    const key = `${machine}/${interfaceName}`;
    const pending = present(this.#pending.get(key), 'an interface without segment is attached');
    const { scheduler, arena } = context;
    const random = context.random.fork(`cable:${key}`);
    const link = new Link(port, pending.port, { scheduler, arena, random, drops: this.drops });
    this.#finish(pending, link);
    return link;
  }

  #plugIn(
    pending: Pending,
    segmentName: string,
    segments: ReadonlyMap<string, Segment>,
    context: LabContext,
  ): void {
    const { spec, port } = pending;
    const segment = present(segments.get(segmentName), 'an attachment names a segment');
    const socket = segment.bridge.addPort(`${KERNEL}.${spec.name}`);
    segment.behind.set(socket, spec.name);
    const { scheduler, arena } = context;
    const random = context.random.fork(`cable:${KERNEL}/${spec.name}`);
    const link = new Link(port, socket, { scheduler, arena, random, drops: this.drops });
    link.configure(segment.spec.link);
    this.#finish(pending, link);
  }

  #finish({ spec, device, port }: Pending, link: Link): void {
    this.plugged.set(spec.name, { spec, port, link, drops: this.drops });
    device.plugged(port, link);
  }
}

function needsRealTime(topology: Topology, spec: AttachmentSpec): EgressLabError {
  return new EgressLabError(
    'EGL_ATTACH_NEEDS_REALTIME',
    `${topology.file}:${spec.position.line}: ${spec.name} is attached to the kernel, so it needs real time`,
    { hint: `Run it in real time: egresslab up ${topology.file}` },
  );
}

function macOf(machines: readonly MachineSpec[], host: string, name: string): MacAddress {
  const machine = present(
    machines.find((each) => each.name === host),
    'an attachment names a machine',
  );
  const own = machine.interfaces.find((each) => each.name === name);
  return present(own, 'an attachment names an interface').mac;
}
