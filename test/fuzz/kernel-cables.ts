// The far ends of a host's cables, in a namespace of their own: AF_PACKET sockets put frames in and
// take frames out. A frame goes through veth and the whole stack before write(2) returns; only what
// timers cause comes later.

import type { DescriptorDevice } from '../../src/platform/descriptor-device.ts';
import { libc } from '../../src/platform/linux/libc.ts';
import { LITTLE_ENDIAN, NativeMemory } from '../../src/platform/linux/native-memory.ts';
import { openPacketDevice } from '../../src/platform/packet-device.ts';
import type { PacketAttachment } from '../../src/topology/attachments/attachment.ts';
import type { Emission, InterfaceConfig } from './case.ts';
import { onesSum } from './layout.ts';

const VIRTIO_HEADER_LENGTH = 10;
const NEEDS_CHECKSUM = 1;
const POLL_IN = 1;
/** Larger than any frame here. */
const BUFFER_LENGTH = 70_000;
const SOL_PACKET = 263;
const PACKET_QDISC_BYPASS = 20;

export class KernelCables implements Disposable {
  readonly #devices = new Map<string, DescriptorDevice>();
  readonly #up = new Set<string>();
  readonly #buffer = new NativeMemory(BUFFER_LENGTH);

  /** The far end of an interface, which has its name and is in `namespace`. */
  open({ name, up }: InterfaceConfig, namespace: string): void {
    const device = openPacketDevice(attachment(name, namespace));
    bypassQueue(device);
    this.#devices.set(name, device);
    if (up) this.#up.add(name);
  }

  /** Whether a frame that cannot be put in is a mistake. */
  setUp(name: string, up: boolean): void {
    if (up) this.#up.add(name);
    else this.#up.delete(name);
  }

  /** A frame arrives at the host. */
  inject(on: string, octets: Uint8Array): void {
    const device = this.#devices.get(on);
    if (device === undefined) throw new Error(`the host has no ${on}`);
    const { bytes, address } = this.#buffer;
    bytes.fill(0, 0, VIRTIO_HEADER_LENGTH);
    bytes.set(octets, VIRTIO_HEADER_LENGTH);
    const length = VIRTIO_HEADER_LENGTH + octets.length;
    if (libc().write(device.descriptor, address, length) < 0 && this.#up.has(on)) {
      throw new Error(`cannot send ${octets.length} octets: errno ${libc().errno()}`);
    }
  }

  /** What has come out; if there is nothing, what comes out within so many milliseconds. */
  collect(patience: number): Emission[] {
    const found = this.#drain();
    if (found.length > 0 || patience === 0) return found;
    this.#poll(patience);
    return this.#drain();
  }

  #poll(milliseconds: number): void {
    const entries = new NativeMemory(8 * this.#devices.size);
    let at = 0;
    for (const { descriptor } of this.#devices.values()) {
      entries.view.setInt32(at, descriptor, LITTLE_ENDIAN);
      entries.view.setInt16(at + 4, POLL_IN, LITTLE_ENDIAN);
      at += 8;
    }
    const timeout = new NativeMemory(16);
    timeout.setLong(8, milliseconds * 1e6);
    libc().ppollNow(entries.address, this.#devices.size, timeout.address);
  }

  #drain(): Emission[] {
    const found: Emission[] = [];
    const { bytes, view, address } = this.#buffer;
    for (const [on, { descriptor }] of this.#devices) {
      for (;;) {
        const length = libc().read(descriptor, address, BUFFER_LENGTH);
        if (length < 0) break;
        const octets = bytes.slice(VIRTIO_HEADER_LENGTH, length);
        if (((bytes[0] ?? 0) & NEEDS_CHECKSUM) !== 0) {
          const from = view.getUint16(6, LITTLE_ENDIAN);
          finishChecksum(octets, from, from + view.getUint16(8, LITTLE_ENDIAN));
        }
        found.push({ on, octets });
      }
    }
    return found;
  }

  [Symbol.dispose](): void {
    for (const device of this.#devices.values()) device.close();
  }
}

/**
 * An interface set up before its peer sends nothing until the kernel gets round to notice the carrier,
 * which may take a second; frames that go past its queue are not held up (PACKET_QDISC_BYPASS).
 */
function bypassQueue({ descriptor }: DescriptorDevice): void {
  const yes = new NativeMemory(4);
  yes.view.setInt32(0, 1, LITTLE_ENDIAN);
  libc().setsockopt(descriptor, SOL_PACKET, PACKET_QDISC_BYPASS, yes.address, 4);
}

function attachment(name: string, netns: string): PacketAttachment {
  const position = { file: '', path: '', line: 0, column: 0 };
  return { kind: 'packet', name, netns, segment: '', position };
}

/** What a veth leaves to hardware that it has not. */
function finishChecksum(octets: Uint8Array, from: number, at: number): void {
  const sum = ~onesSum(octets, from, octets.length) & 0xffff;
  octets[at] = sum >>> 8;
  octets[at + 1] = sum & 0xff;
}
