// The lab's end of a kernel device behind a descriptor: frames are read in bursts into memory on loan and
// written as they are, neither ever waiting. What the device is like (TAP, TUN, AF_PACKET) is a few
// numbers; what becomes of it (down, up, renamed, gone) is looked at once a second.
//
// Nothing the kernel sends throws: what is malformed, too long or too much is a counted drop.

import { type AttachedDevice, type AttachmentSite, KERNEL } from '../lab/attachment.ts';
import type { AttachmentEvents } from '../lab/events.ts';
import { type DropReason, LinkDrop } from '../link/drop-reason.ts';
import type { Link } from '../link/link.ts';
import type { Port } from '../link/port.ts';
import { seconds } from '../sim/time.ts';
import * as ethernet from '../wire/ethernet.ts';
import type { Frame } from '../wire/frame.ts';
import type { LoanMemory } from '../wire/loan-memory.ts';
import { ZERO_MAC } from '../wire/mac-address.ts';
import { EtherType } from '../wire/numbers.ts';
import { finishFrame, isPlausible, largestPacket } from '../wire/offload.ts';
import type { DescriptorDevice } from './descriptor-device.ts';
import { Errno, type Libc, libc } from './linux/libc.ts';
import { NativeMemory } from './linux/native-memory.ts';
import type { Polled } from './linux/poller.ts';
import * as virtio from './linux/virtio-header.ts';

/** Frames read from one device before the others get their turn, and octets: a cache holds so much. */
const BURST = 64;
const BURST_BYTES = 256 * 1024;
/** The largest IP packet, an Ethernet header with two VLAN tags, and one octet that must stay empty. */
const READ_LENGTH = 65_535 + ethernet.HEADER_LENGTH + 8 + 1;
/** What an Ethernet header and a VLAN tag may add to the MTU. */
const FRAME_OVERHEAD = ethernet.HEADER_LENGTH + 4;

/** A kernel device behind a port of the lab. */
export class DescriptorPort implements AttachedDevice, Polled {
  readonly descriptor: number;
  ready = 0;
  readonly #site: AttachmentSite;
  readonly #device: DescriptorDevice;
  readonly #libc: Libc = libc();
  /** Octets before the frame in what the kernel reads and writes: the virtio header. */
  readonly #headerLength: number;
  /** Octets of the frame that the kernel does not know: the Ethernet header of a TUN. */
  readonly #hidden: number;
  readonly #header = new NativeMemory(virtio.LENGTH);
  /** struct iovec[2]: the virtio header and the frame. */
  readonly #vectors = new NativeMemory(32);
  readonly #onGone: (port: DescriptorPort) => void;
  #port: Port | null = null;
  #mtu: number;
  #name: string;
  #up = true;
  #closed = false;
  #lastSlab: Uint8Array | null = null;
  #lastSlabAddress = 0;
  readonly #writeFinished = (frame: Frame): void => this.#write(frame);

  /** `onGone` is called once, when the device has vanished. */
  constructor(
    site: AttachmentSite,
    device: DescriptorDevice,
    onGone: (port: DescriptorPort) => void,
  ) {
    this.#site = site;
    this.#device = device;
    this.#onGone = onGone;
    this.descriptor = device.descriptor;
    this.#headerLength = device.hasVirtioHeader ? virtio.LENGTH : 0;
    this.#hidden = device.isLayer3 ? ethernet.HEADER_LENGTH : 0;
    this.#mtu = device.mtu;
    this.#name = site.spec.name;
    this.#vectors.setLong(0, this.#header.address);
    this.#vectors.setLong(8, virtio.LENGTH);
  }

  /** Frames that the kernel has sent into the lab so far. */
  get frames(): number {
    return this.#port?.txFrames ?? 0;
  }

  /** Their octets. */
  get octets(): number {
    return this.#port?.txBytes ?? 0;
  }

  plugged(port: Port, _link: Link): void {
    this.#port = port;
    const { spec, events, scheduler } = this.#site;
    const { details } = this.#device;
    events.emit(port.name.split('/')[0] ?? '', 'attached', { device: spec.name, details });
    scheduler.after(seconds(1), inspectPort, this, null, { background: true });
  }

  carrierChanged(_port: Port, up: boolean): void {
    if (!this.#closed) this.#device.setCarrier(up);
  }

  /** From the lab to the kernel. */
  receive(frame: Frame): void {
    if (this.#closed || !this.#up) {
      this.#drop(LinkDrop.LinkDown, frame);
      return;
    }
    if (frame.length < ethernet.HEADER_LENGTH) {
      this.#drop(LinkDrop.Runt, frame);
      return;
    }
    const size = largestPacket(frame, frame.start, frame.end);
    if (size > this.#mtu + FRAME_OVERHEAD) {
      this.#drop(LinkDrop.TooBig, frame);
      return;
    }
    if (frame.offload === null) this.#write(frame);
    else if (this.#headerLength > 0) this.#write(frame);
    else finishFrame(this.#site.arena, frame, this.#writeFinished);
  }

  /** From the kernel to the lab: some of what waits; true if there may be more. */
  burst(): boolean {
    const { arena } = this.#site;
    const { read } = this.#libc;
    const skip = this.#headerLength;
    const hidden = this.#hidden;
    const wanted = READ_LENGTH + skip;
    let octets = 0;
    for (let i = 0; i < BURST && octets < BURST_BYTES; i++) {
      if (this.#closed) return false;
      const room = arena.reserve(hidden + wanted);
      const address = this.#addressOf(room.bytes) + room.start + hidden;
      const length = read(this.descriptor, address, wanted);
      if (length <= 0) {
        if (length < 0) this.#readFailed(this.#libc.errno());
        return false;
      }
      octets += length;
      this.#take(room, length - skip, length === wanted);
    }
    return true;
  }

  /** Looks how the device is. Called by the scheduler. */
  inspect(): void {
    if (this.#closed) return;
    const state = this.#device.inspect();
    if (state.kind === 'gone') {
      this.gone(state.why);
      return;
    }
    if (state.name !== this.#name) {
      this.#emit('attachment-renamed', { device: this.#site.spec.name, name: state.name });
      this.#name = state.name;
    }
    this.#mtu = state.mtu;
    this.#setUp(state.kind === 'up');
    this.#site.scheduler.after(seconds(1), inspectPort, this, null, { background: true });
  }

  /** The device has vanished: the lab goes on without it. */
  gone(why: string): void {
    if (this.#closed) return;
    this.#emit('attachment-gone', { device: this.#site.spec.name, why });
    this.#port?.setEnabled(false);
    this.close();
    this.#onGone(this);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#device.close();
  }

  /** A frame of `length` octets stands in the room, behind its header. */
  #take(room: LoanMemory, length: number, isTruncated: boolean): void {
    const { arena } = this.#site;
    const hidden = this.#hidden;
    if (length < 0) {
      this.#site.drops.count(LinkDrop.Runt, this.#name, null);
      return;
    }
    const headerAt = room.start + hidden;
    const offload = this.#headerLength === 0 ? null : virtio.read(room.view, headerAt, hidden);
    // A TUN's made-up Ethernet header overlaps the virtio header, which has been read by now.
    const frame = arena.take(this.#headerLength, length + hidden);
    if (hidden > 0) this.#addEthernetHeader(frame);
    if (isTruncated) {
      this.#drop(LinkDrop.TooBig, frame);
    } else if (frame.length < ethernet.HEADER_LENGTH) {
      this.#drop(LinkDrop.Runt, frame);
    } else if (offload === null) {
      this.#port?.transmit(frame);
    } else if (offload === 'malformed' || !isPlausible(frame, offload)) {
      this.#drop(LinkDrop.BadOffload, frame);
    } else {
      frame.offload = offload;
      this.#port?.transmit(frame);
    }
  }

  #addEthernetHeader(frame: Frame): void {
    const version = frame.view.getUint8(frame.start + ethernet.HEADER_LENGTH) >>> 4;
    const type = version === 6 ? EtherType.Ipv6 : EtherType.Ipv4;
    ethernet.emit(frame, this.#site.hostMac ?? ZERO_MAC, ZERO_MAC, type);
  }

  #write(frame: Frame): void {
    const hidden = this.#hidden;
    const address = this.#addressOf(frame.bytes) + frame.start + hidden;
    const length = frame.length - hidden;
    let written: number;
    if (this.#headerLength === 0) {
      written = this.#libc.write(this.descriptor, address, length);
    } else {
      virtio.write(this.#header.view, 0, hidden, frame);
      this.#vectors.setLong(16, address);
      this.#vectors.setLong(24, length);
      written = this.#libc.writev(this.descriptor, this.#vectors.address, 2);
    }
    if (written < 0) this.#writeFailed(this.#libc.errno(), frame);
  }

  #readFailed(errno: number): void {
    if (errno === Errno.EBADFD || errno === Errno.ENODEV || errno === Errno.ENXIO) {
      this.gone('the device was deleted');
    } else if (errno === Errno.ENETDOWN) {
      this.#setUp(false);
    }
    // EAGAIN: read empty. EINTR, ENOBUFS, EFAULT and EIO pass; the next look says what it is.
  }

  #writeFailed(errno: number, frame: Frame): void {
    switch (errno) {
      case Errno.EAGAIN:
      case Errno.ENOBUFS:
      case Errno.ENOMEM:
        this.#drop(LinkDrop.QueueFull, frame);
        return;
      case Errno.EMSGSIZE:
        this.#drop(LinkDrop.TooBig, frame);
        return;
      case Errno.EINVAL:
        this.#drop(frame.offload === null ? LinkDrop.Runt : LinkDrop.BadOffload, frame);
        return;
      case Errno.EBADFD:
      case Errno.ENODEV:
      case Errno.ENXIO:
        this.#drop(LinkDrop.Unplugged, frame);
        this.gone('the device was deleted');
        return;
      default:
        // EIO from a TAP and ENETDOWN from a socket: the interface is down.
        this.#drop(LinkDrop.LinkDown, frame);
        this.#setUp(this.#device.inspect().kind === 'up');
    }
  }

  #setUp(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    this.#emit(up ? 'attachment-up' : 'attachment-down', { device: this.#site.spec.name });
    this.#port?.setEnabled(up);
  }

  #emit<K extends keyof AttachmentEvents>(kind: K, fields: AttachmentEvents[K]): void {
    this.#site.events.emit(KERNEL, kind, fields);
  }

  #drop(reason: DropReason, frame: Frame): void {
    this.#site.drops.count(reason, this.#name, frame);
  }

  /** One slab serves many frames in a row. */
  #addressOf(bytes: Uint8Array): number {
    if (bytes !== this.#lastSlab) {
      this.#lastSlab = bytes;
      this.#lastSlabAddress = this.#libc.addressOf(bytes);
    }
    return this.#lastSlabAddress;
  }
}

function inspectPort(port: DescriptorPort): void {
  port.inspect();
}
