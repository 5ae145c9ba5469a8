// All attachments of one lab: opens them, waits for all of them at once, and puts everything away.

import type { AttachedDevice, AttachmentProvider, AttachmentSite } from '../lab/attachment.ts';
import type { Nanos } from '../sim/time.ts';
import type { Topology } from '../topology/topology.ts';
import type { FrameArena } from '../wire/frame.ts';
import { DescriptorPort } from './descriptor-port.ts';
import { InterruptModeration } from './interrupt-moderation.ts';
import { Leftovers } from './linux/leftovers.ts';
import { namespaceExists } from './linux/network-namespace.ts';
import { Poller } from './linux/poller.ts';
import { becomeUser, type Person, personNamed } from './linux/user.ts';
import { openPacketDevice } from './packet-device.ts';
import { RawPort } from './raw-port.ts';
import type { Doorbell } from './realtime-driver.ts';
import { openTunDevice } from './tun-device.ts';

/** Opens the devices of a topology in the kernel of this machine. */
export class KernelAttachments implements AttachmentProvider, Doorbell {
  readonly #poller = new Poller();
  readonly #moderation = new InterruptModeration(this.#poller);
  readonly #leftovers: Leftovers;
  readonly #person: Person | null;
  #ports: DescriptorPort[] = [];
  /** The lab's. */
  #arena: FrameArena | null = null;
  readonly #rawPorts: RawPort[] = [];

  private constructor(leftovers: Leftovers, person: Person | null) {
    this.#leftovers = leftovers;
    this.#person = person;
  }

  /**
   * Removes what killed labs have left, and makes the namespaces that the topology wants and that are
   * not there. @throws EgressLabError
   */
  static async create(topology: Topology, user: string | null): Promise<KernelAttachments> {
    const person = user === null ? null : personNamed(user);
    const leftovers = new Leftovers();
    leftovers.removeThoseOfTheDead();
    if (topology.attachments.some(({ kind }) => kind === 'raw')) await RawPort.load();
    const kernel = new KernelAttachments(leftovers, person);
    try {
      for (const spec of topology.attachments) {
        const { netns, kind } = spec;
        if (netns === null || namespaceExists(netns) || kind === 'packet') continue;
        leftovers.makeNamespace(netns);
      }
    } catch (error) {
      await kernel.close();
      throw error;
    }
    return kernel;
  }

  open(site: AttachmentSite): AttachedDevice {
    const { spec } = site;
    if (spec.kind === 'raw') {
      const port = new RawPort(site, spec, () => this.ring());
      this.#rawPorts.push(port);
      return port;
    }
    const device = spec.kind === 'packet' ? openPacketDevice(spec) : openTunDevice(spec);
    const port = new DescriptorPort(site, device, (gone) => this.#forget(gone));
    this.#arena = site.arena;
    this.#ports.push(port);
    this.#poller.add(port);
    return port;
  }

  /** Every device is open: what needed rights is done. */
  ready(): void {
    if (this.#person === null) return;
    this.#leftovers.handOver();
    becomeUser(this.#person);
  }

  wait(atMost: Nanos): Promise<void> {
    return this.#moderation.wait(atMost);
  }

  /** Reads from every device that has something, a burst from each. */
  serve(): boolean {
    let more = false;
    // Everything read before has reached its end: the driver lets each instant finish.
    this.#arena?.reclaim();
    for (const port of this.#ports) {
      if (port.ready === 0) continue;
      const { frames, octets } = port;
      if (port.burst()) more = true;
      else port.ready = 0;
      this.#moderation.count(port.frames - frames, port.octets - octets);
    }
    for (const port of this.#rawPorts) port.deliver();
    return more;
  }

  ring(): void {
    this.#poller.ring();
  }

  /** Closes the devices and removes what was made. May be called twice. */
  async close(): Promise<void> {
    for (const port of this.#ports) port.close();
    for (const port of this.#rawPorts) port.close();
    this.#ports = [];
    this.#poller.close();
    await this.#leftovers.removeOwn();
  }

  #forget(gone: DescriptorPort): void {
    this.#ports = this.#ports.filter((port) => port !== gone);
    this.#poller.remove(gone);
  }
}
