// From what is written under `attach:` to what is opened: names resolved, addresses checked, nothing
// attached twice.

import type { Path } from '../../schema/position.ts';
import { formatIpv4 } from '../../wire/ipv4-address.ts';
import type { Context } from '../context.ts';
import type { DerivedMacs } from '../derived-mac.ts';
import type { InterfaceSpec } from '../model.ts';
import type { AttachmentSpec } from './attachment.ts';
import type { RawAttachmentEntry, RawRaw, RawTun } from './schema.ts';
import { normalizeTap } from './tap.ts';
import { normalizeTun } from './tun.ts';

/** Resolves names and checks addresses; to be called when all machines are known. */
export function normalizeAttachments(
  context: Context,
  macs: DerivedMacs,
  raw: readonly RawAttachmentEntry[],
  path: Path,
): AttachmentSpec[] {
  const attachments: AttachmentSpec[] = [];
  const ends = new Set<string>();
  for (const [index, given] of raw.entries()) {
    const at = [...path, index];
    const spec = normalizeAttachment(context, macs, given, at);
    if (spec === null) continue;
    if (attachments.some(({ name }) => name === spec.name)) {
      context.report(at, `${spec.name} is already attached`, 'each device is attached once');
      continue;
    }
    const end = 'host' in spec ? `${spec.host}/${spec.interface}` : null;
    if (end !== null && ends.has(end)) {
      context.report(at, `${end} is already attached`, 'an interface has one cable');
      continue;
    }
    if (end !== null) ends.add(end);
    attachments.push(spec);
  }
  return attachments;
}

function normalizeAttachment(
  context: Context,
  macs: DerivedMacs,
  raw: RawAttachmentEntry,
  path: Path,
): AttachmentSpec | null {
  const base = {
    position: context.position(path),
    netns: ('netns' in raw ? raw.netns : null) ?? null,
  };
  if ('tap' in raw) return normalizeTap(context, macs, raw, path);
  if ('packet' in raw) {
    if (!context.known(raw.segment, [...path, 'segment'], 'segment')) return null;
    return { ...base, kind: 'packet', name: raw.packet, segment: raw.segment };
  }
  const iface = pointToPoint(context, raw, path);
  if (iface === null) return null;
  const { host, interface: interfaceOf } = raw;
  if ('raw' in raw) {
    const text = formatIpv4(raw.raw);
    if (!iface.addresses.some(({ address }) => address === raw.raw)) {
      const message = `${host}/${interfaceOf} must have the address ${text}, for it speaks as this machine`;
      context.report([...path, 'raw'], message, `give the interface "address: ${text}/32"`);
      return null;
    }
    return { ...base, kind: 'raw', name: text, host, interface: interfaceOf, address: raw.raw };
  }
  return normalizeTun(context, raw, iface, path);
}

/** The interface that a `tun` or `raw` attachment is the cable of. */
function pointToPoint(context: Context, raw: RawTun | RawRaw, path: Path): InterfaceSpec | null {
  if (!context.known(raw.host, [...path, 'host'], 'host', 'node')) return null;
  const at = [...path, 'interface'];
  if (!context.declared.interfaces(raw.host).includes(raw.interface)) {
    context.unknown('interface', raw.interface, context.declared.interfaces(raw.host), at);
    return null;
  }
  const machine = context.machines.get(raw.host);
  const iface = machine?.interfaces.find(({ name }) => name === raw.interface);
  if (iface === undefined) return null;
  if (iface.segment !== null) {
    const message = `${raw.host}/${raw.interface} is already on segment "${iface.segment}"`;
    context.report(at, message, 'leave the "segment" of that interface out');
    return null;
  }
  return iface;
}
