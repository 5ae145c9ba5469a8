// `tun:`: an emulated host's point-to-point link whose other end is the kernel.

import type { Path } from '../../schema/position.ts';
import { cidrContains, formatCidr, formatIpv4 } from '../../wire/ipv4-address.ts';
import type { Context } from '../context.ts';
import { resolveAddress } from '../interfaces.ts';
import type { InterfaceSpec } from '../model.ts';
import type { TunAttachment } from './attachment.ts';
import { madeDevice } from './made-device.ts';
import type { RawTun } from './schema.ts';

/** `iface` is the emulated end. Null when something has been complained about. */
export function normalizeTun(
  context: Context,
  raw: RawTun,
  iface: InterfaceSpec,
  path: Path,
): TunAttachment | null {
  const { host, interface: interfaceOf } = raw;
  const at = [...path, 'peer'];
  const peer = resolveAddress(
    context,
    { ...raw.peer, prefixLength: raw.peer.prefixLength ?? 32 },
    null,
    at,
  );
  if (peer === null) return null;
  const [own] = iface.addresses;
  if (own === undefined) {
    context.report(path, `${host}/${interfaceOf} has no address`, 'give it one under "hosts"');
    return null;
  }
  if (own.address === peer.address) {
    const message = `${formatIpv4(own.address)} is the address of ${host}/${interfaceOf} itself`;
    context.report(at, message, "write the kernel's address");
    return null;
  }
  if (peer.prefixLength < 32 && !cidrContains(peer, own.address)) {
    const message = `${formatCidr(peer)} does not hold ${formatIpv4(own.address)}, the address of ${host}/${interfaceOf}`;
    context.report(at, message, 'both ends of the link need addresses of one network');
    return null;
  }
  return {
    kind: 'tun',
    name: raw.tun,
    position: context.position(path),
    host,
    interface: interfaceOf,
    peer,
    ...madeDevice(context, raw, raw.mtu ?? iface.mtu, peer, path),
  };
}
