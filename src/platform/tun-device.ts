// What TAP and TUN have in common: a device made through /dev/net/tun, perhaps moved to a namespace,
// its kernel end configured by `ip`. The descriptor is opened outside the namespace: it would keep the
// namespace alive after it was deleted.

import { EgressLabError } from '../base/errors.ts';
import type { TapAttachment, TunAttachment } from '../topology/attachments/attachment.ts';
import { formatCidr, formatIpv4 } from '../wire/ipv4-address.ts';
import { formatMac } from '../wire/mac-address.ts';
import { type DescriptorDevice, type DeviceState, isWritable } from './descriptor-device.ts';
import {
  createDevice,
  deviceName,
  OFFLOADS,
  setCarrier,
  setOffloads,
  TunFlag,
} from './linux/interface-request.ts';
import { ip, tryIp } from './linux/ip-command.ts';
import { Errno, errnoName, Flags, libc } from './linux/libc.ts';
import { withinNamespace } from './linux/network-namespace.ts';

const DEVICE = '/dev/net/tun';
/** What `ip link` shows beside a device of ours. */
const MARK = 'egresslab';
/** Frames that the kernel keeps for us: 500, the default, are gone in 2 ms of small datagrams. */
const QUEUE_LENGTH = 4000;

let temporaryNames = 0;

/** Opens the device of an attachment and sets the kernel's end up. @throws EgressLabError EGL_ATTACH_… */
export function openTunDevice(spec: TapAttachment | TunAttachment): DescriptorDevice {
  const { name, netns, offload } = spec;
  const exists = tryIp(netns, 'link', 'show', 'dev', name);
  const descriptor = exists
    ? withinNamespace(netns, () => attach(spec, name, true))
    : netns === null
      ? attach(spec, name, false)
      : attachAndMove(spec, netns);
  try {
    if (offload) setOffloads(descriptor, OFFLOADS);
    if (spec.configure) configure(spec);
  } catch (error) {
    libc().close(descriptor);
    throw error;
  }
  return {
    descriptor,
    isLayer3: spec.kind === 'tun',
    hasVirtioHeader: offload,
    mtu: spec.mtu,
    details: describe(spec),
    inspect: () => inspect(descriptor, spec),
    setCarrier: (up) => void setCarrier(descriptor, up),
    close: () => libc().close(descriptor),
  };
}

/** The descriptor of a device of that name. */
function attach(spec: TapAttachment | TunAttachment, name: string, exists: boolean): number {
  const { open, close, errno } = libc();
  const descriptor = open(DEVICE, Flags.ReadWrite | Flags.NonBlocking | Flags.CloseOnExec);
  if (descriptor < 0) throw cannotOpen(spec, errno());
  const kind = spec.kind === 'tap' ? TunFlag.Tap : TunFlag.Tun;
  const header = spec.offload ? TunFlag.VnetHeader : 0;
  const failure = createDevice(descriptor, name, kind | TunFlag.NoPacketInfo | header);
  if (failure === 0) return descriptor;
  close(descriptor);
  throw cannotCreate(spec, failure, exists);
}

/** Under an unused name, so that the wanted name is taken only where it is wanted. */
function attachAndMove(spec: TapAttachment | TunAttachment, netns: string): number {
  const temporary = `egl${process.pid}t${temporaryNames++}`.slice(0, 15);
  const descriptor = attach(spec, temporary, false);
  try {
    ip(null, 'link', 'set', 'dev', temporary, 'netns', netns, 'name', spec.name);
    return descriptor;
  } catch (error) {
    libc().close(descriptor);
    throw error;
  }
}

function configure(spec: TapAttachment | TunAttachment): void {
  const { name, netns, mtu } = spec;
  const set = (...what: readonly string[]): string =>
    ip(netns, 'link', 'set', 'dev', name, ...what);
  set('alias', MARK);
  set('mtu', String(mtu), 'txqueuelen', String(QUEUE_LENGTH));
  if (spec.kind === 'tap') {
    set('address', formatMac(spec.mac));
    if (spec.address !== null) {
      ip(netns, 'address', 'replace', formatCidr(spec.address), 'broadcast', '+', 'dev', name);
    }
  } else {
    ip(netns, 'address', 'replace', formatCidr(spec.peer), 'dev', name);
  }
  set('up');
  for (const { to, via } of spec.routes) {
    const next = via === null ? [] : ['via', formatIpv4(via)];
    ip(netns, 'route', 'replace', formatCidr(to), ...next, 'dev', name);
  }
}

function inspect(descriptor: number, { mtu, netns }: TapAttachment | TunAttachment): DeviceState {
  const name = deviceName(descriptor);
  if (name === null) {
    const why =
      netns === null ? 'the device was deleted' : `the device or netns ${netns} was deleted`;
    return { kind: 'gone', why };
  }
  return { kind: isWritable(descriptor) ? 'up' : 'down', name, mtu };
}

function describe({ netns, ...spec }: TapAttachment | TunAttachment): string {
  const address = spec.kind === 'tap' ? spec.address : spec.peer;
  const facts = spec.configure && address !== null ? formatCidr(address) : '';
  return [facts, netns === null ? '' : `in netns ${netns}`].filter((fact) => fact !== '').join(' ');
}

function cannotOpen({ name }: TapAttachment | TunAttachment, errno: number): EgressLabError {
  if (errno === Errno.EACCES) return notPermitted(`${DEVICE}, whose mode is not 0666,`, errno);
  if (errno === Errno.EPERM) return notPermitted(name, errno);
  return new EgressLabError('EGL_ATTACH_NO_TUN', `cannot open ${DEVICE}: ${errnoName(errno)}`, {
    hint: 'The kernel has no TUN driver here: `sudo modprobe tun`; a container needs --device /dev/net/tun.',
    fault: 'environment',
  });
}

function cannotCreate(
  { name, netns, kind }: TapAttachment | TunAttachment,
  errno: number,
  exists: boolean,
): EgressLabError {
  const where = netns === null ? '' : ` in netns ${netns}`;
  if (errno === Errno.EPERM || errno === Errno.EACCES) return notPermitted(name, errno);
  if (errno === Errno.EBUSY || exists) {
    const message =
      errno === Errno.EBUSY
        ? `another program uses ${name}${where}`
        : `there is an interface ${name}${where} already, and it is no ${kind.toUpperCase()} that could be used (${errnoName(errno)})`;
    return new EgressLabError('EGL_ATTACH_NAME_TAKEN', message, {
      hint: `Stop that program, or choose another name than ${name} in the topology.`,
      fault: 'environment',
    });
  }
  return new EgressLabError('EGL_ATTACH_CREATE', `cannot create ${name}: ${errnoName(errno)}`, {
    hint: 'The name may contain what the kernel does not accept ("%", "/"): choose another one.',
    fault: 'environment',
  });
}

/** The three ways out, as they are typed. */
export function notPermitted(name: string, errno: number): EgressLabError {
  return new EgressLabError(
    'EGL_ATTACH_PERMISSION',
    `opening ${name} needs CAP_NET_ADMIN: ${errnoName(errno)}`,
    {
      hint: 'Run it with sudo, or within `unshare -Urn`, or once `sudo setcap cap_net_admin,cap_net_raw+ep "$(readlink -f "$(command -v node)")"`. Labs without `attach:` need no rights at all.',
      fault: 'environment',
    },
  );
}
