// struct ifreq and the ioctls that take it: what kind of device, what it is called, whether it is up.
// Numbers are those of include/uapi/linux/if_tun.h and sockios.h on x86-64, arm64 and riscv64.

import { Errno, libc } from './libc.ts';
import { LITTLE_ENDIAN, NativeMemory } from './native-memory.ts';

const TUNSETIFF = 0x4004_54ca;
const TUNSETOFFLOAD = 0x4004_54d0;
const TUNSETCARRIER = 0x4004_54e2;
const TUNGETIFF = 0x8004_54d2;
const SIOCGIFNAME = 0x8910;
const SIOCGIFFLAGS = 0x8913;
const SIOCGIFMTU = 0x8921;
const SIOCGIFINDEX = 0x8933;

/** IFF_* of `TUNSETIFF`, linux/if_tun.h. */
export const TunFlag = { Tun: 1, Tap: 2, NoPacketInfo: 0x1000, VnetHeader: 0x4000 } as const;
/** TUN_F_CSUM, TSO4, TSO6, TSO_ECN. */
export const OFFLOADS: number = 1 | 2 | 4 | 8;
const IFF_UP = 1;

const NAME_LENGTH = 16;
let request: NativeMemory | null = null;

/** One structure for all: each call is over before the next begins. */
function named(name: string): NativeMemory {
  request ??= new NativeMemory(40);
  request.bytes.fill(0);
  request.setText(0, name);
  return request;
}

/** Makes, or takes hold of, the device behind a descriptor of /dev/net/tun; 0 or errno. */
export function createDevice(descriptor: number, name: string, flags: number): number {
  const memory = named(name);
  memory.view.setUint16(NAME_LENGTH, flags, LITTLE_ENDIAN);
  return call(descriptor, TUNSETIFF, memory.address);
}

/** Which work the kernel may leave to us; 0 or errno. */
export function setOffloads(descriptor: number, offloads: number): number {
  return call(descriptor, TUNSETOFFLOAD, offloads);
}

/** Whether `ip link` shows LOWER_UP or NO-CARRIER for a TAP or TUN; 0 or errno (Linux before 5.0 has no such call). */
export function setCarrier(descriptor: number, up: boolean): number {
  const memory = named('');
  memory.view.setInt32(0, up ? 1 : 0, LITTLE_ENDIAN);
  return call(descriptor, TUNSETCARRIER, memory.address);
}

/** What the device of a descriptor is called now; null when it is gone. */
export function deviceName(descriptor: number): string | null {
  const memory = named('');
  if (call(descriptor, TUNGETIFF, memory.address) !== 0) return null;
  return memory.text(0, NAME_LENGTH);
}

/** The index of an interface in the namespace of a socket; 0 when there is none. */
export function interfaceIndex(socket: number, name: string): number {
  const memory = named(name);
  if (call(socket, SIOCGIFINDEX, memory.address) !== 0) return 0;
  return memory.view.getInt32(NAME_LENGTH, LITTLE_ENDIAN);
}

/** What an interface is called now; null when it is gone. */
export function interfaceName(socket: number, index: number): string | null {
  const memory = named('');
  memory.view.setInt32(NAME_LENGTH, index, LITTLE_ENDIAN);
  return call(socket, SIOCGIFNAME, memory.address) === 0 ? memory.text(0, NAME_LENGTH) : null;
}

/** Whether it is set up (IFF_UP); null when it is gone. */
export function isInterfaceUp(socket: number, name: string): boolean | null {
  const memory = named(name);
  if (call(socket, SIOCGIFFLAGS, memory.address) !== 0) return null;
  return (memory.view.getUint16(NAME_LENGTH, LITTLE_ENDIAN) & IFF_UP) !== 0;
}

/** Null when it is gone. */
export function interfaceMtu(socket: number, name: string): number | null {
  const memory = named(name);
  if (call(socket, SIOCGIFMTU, memory.address) !== 0) return null;
  return memory.view.getInt32(NAME_LENGTH, LITTLE_ENDIAN);
}

function call(descriptor: number, what: number, argument: number): number {
  const { ioctl, errno } = libc();
  if (ioctl(descriptor, what, argument) >= 0) return 0;
  return errno() || Errno.EINVAL;
}
