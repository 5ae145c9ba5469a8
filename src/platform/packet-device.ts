// AF_PACKET on an interface that exists: a veth, a bridge port, a real NIC. Its own frames are not
// heard back (PACKET_IGNORE_OUTGOING), everybody's are (promiscuous membership, which ends with the
// socket). The interface itself is left as it is found.

import { EgressLabError } from '../base/errors.ts';
import type { PacketAttachment } from '../topology/attachments/attachment.ts';
import type { DescriptorDevice, DeviceState } from './descriptor-device.ts';
import {
  interfaceIndex,
  interfaceMtu,
  interfaceName,
  isInterfaceUp,
} from './linux/interface-request.ts';
import { Errno, errnoName, Flags, libc } from './linux/libc.ts';
import { LITTLE_ENDIAN, NativeMemory } from './linux/native-memory.ts';
import { namespaceIdentity, withinNamespace } from './linux/network-namespace.ts';
import { notPermitted } from './tun-device.ts';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const ETH_P_ALL = 0x0003;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const SO_RCVBUF = 8;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_MR_PROMISC = 1;
const PACKET_VNET_HDR = 15;
const PACKET_IGNORE_OUTGOING = 23;
/** What may wait for us: a burst of large frames. */
const RECEIVE_BUFFER = 8 * 1024 * 1024;

/** @throws EgressLabError EGL_ATTACH_NO_INTERFACE, EGL_ATTACH_PERMISSION, EGL_ATTACH_NAMESPACE */
export function openPacketDevice(spec: PacketAttachment): DescriptorDevice {
  return withinNamespace(spec.netns, () => {
    const { socket, close, errno } = libc();
    // No protocol yet: nothing is heard before the socket is bound to its interface.
    const descriptor = socket(AF_PACKET, SOCK_RAW | Flags.NonBlocking | Flags.CloseOnExec, 0);
    if (descriptor < 0) throw cannotOpen(spec, errno());
    try {
      return bindTo(spec, descriptor);
    } catch (error) {
      close(descriptor);
      throw error;
    }
  });
}

function bindTo(spec: PacketAttachment, descriptor: number): DescriptorDevice {
  const { name, netns } = spec;
  const { bind, errno, close } = libc();
  const index = interfaceIndex(descriptor, name);
  if (index === 0) throw noInterface(spec);
  set(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
  set(descriptor, SOL_PACKET, PACKET_VNET_HDR, 1);
  if (!set(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)) {
    set(descriptor, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
  }
  // struct sockaddr_ll: family, protocol in network order, interface index.
  const address = new NativeMemory(20);
  address.view.setUint16(0, AF_PACKET, LITTLE_ENDIAN);
  address.view.setUint16(2, ETH_P_ALL);
  address.view.setInt32(4, index, LITTLE_ENDIAN);
  if (bind(descriptor, address.address, 20) < 0) throw cannotOpen(spec, errno());
  // struct packet_mreq: index, type.
  const membership = new NativeMemory(16);
  membership.view.setInt32(0, index, LITTLE_ENDIAN);
  membership.view.setUint16(4, PACKET_MR_PROMISC, LITTLE_ENDIAN);
  libc().setsockopt(descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership.address, 16);
  const home = netns === null ? null : namespaceIdentity(netns);
  return {
    descriptor,
    isLayer3: false,
    hasVirtioHeader: true,
    mtu: interfaceMtu(descriptor, name) ?? 1500,
    details: netns === null ? '' : `in netns ${netns}`,
    inspect: () => inspect(spec, descriptor, index, home),
    // The interface belongs to the machine, and so does its carrier.
    setCarrier: () => {},
    close: () => close(descriptor),
  };
}

function inspect(
  { netns }: PacketAttachment,
  descriptor: number,
  index: number,
  home: number | null,
): DeviceState {
  if (netns !== null && namespaceIdentity(netns) !== home) {
    return { kind: 'gone', why: `netns ${netns} was deleted` };
  }
  const name = interfaceName(descriptor, index);
  const up = name === null ? null : isInterfaceUp(descriptor, name);
  if (name === null || up === null) return { kind: 'gone', why: 'the interface was deleted' };
  return { kind: up ? 'up' : 'down', name, mtu: interfaceMtu(descriptor, name) ?? 1500 };
}

function set(descriptor: number, level: number, name: number, value: number): boolean {
  const memory = new NativeMemory(4);
  memory.view.setInt32(0, value, LITTLE_ENDIAN);
  return libc().setsockopt(descriptor, level, name, memory.address, 4) >= 0;
}

function cannotOpen({ name }: PacketAttachment, errno: number): EgressLabError {
  if (errno === Errno.EPERM || errno === Errno.EACCES) return notPermitted(name, errno);
  return new EgressLabError('EGL_ATTACH_CREATE', `cannot listen on ${name}: ${errnoName(errno)}`, {
    hint: 'Is the interface up, and does the kernel have CONFIG_PACKET?',
    fault: 'environment',
  });
}

function noInterface({ name, netns }: PacketAttachment): EgressLabError {
  const where = netns === null ? '' : ` in netns ${netns}`;
  const list = netns === null ? 'ip -brief link' : `ip -n ${netns} -brief link`;
  return new EgressLabError('EGL_ATTACH_NO_INTERFACE', `there is no interface ${name}${where}`, {
    hint: `\`${list}\` lists them; \`packet:\` needs one that exists, \`tap:\` creates one.`,
    fault: 'environment',
  });
}
