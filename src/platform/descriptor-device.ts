// A device of the kernel behind a descriptor, as `DescriptorPort` sees it: TAP, TUN or AF_PACKET.

import { libc } from './linux/libc.ts';
import { LITTLE_ENDIAN, NativeMemory } from './linux/native-memory.ts';
import { PollEvent } from './linux/poller.ts';

/** What a device is found to be like, now and then. */
export type DeviceState =
  | { readonly kind: 'up' | 'down'; readonly name: string; readonly mtu: number }
  | { readonly kind: 'gone'; readonly why: string };

/** An open device and how to speak with it. */
export interface DescriptorDevice {
  readonly descriptor: number;
  /** Packets without Ethernet header (TUN): one is made up on the way in and taken off on the way out. */
  readonly isLayer3: boolean;
  /** A virtio-net header stands before each frame. */
  readonly hasVirtioHeader: boolean;
  readonly mtu: number;
  /** What is reported when the attachment is ready: '192.168.50.2/24 in netns lab1'. */
  readonly details: string;
  inspect(): DeviceState;
  /** Lets the kernel see whether the cable is there, where the device can. */
  setCarrier(up: boolean): void;
  /** Closes the descriptor; the device goes with it if we made it. */
  close(): void;
}

/** Whether the kernel would take a frame now: for TAP and TUN that is whether the interface is up. */
export function isWritable(descriptor: number): boolean {
  const memory = new NativeMemory(24);
  memory.view.setInt32(0, descriptor, LITTLE_ENDIAN);
  memory.view.setInt16(4, PollEvent.Out, LITTLE_ENDIAN);
  libc().ppollNow(memory.address, 1, memory.address + 8);
  return (memory.view.getInt16(6, LITTLE_ENDIAN) & PollEvent.Out) !== 0;
}
