// What steps, flows and expectations point at: machines by name or address, cables, ports, MACs.

import type { NameKind } from '../schema/declared.ts';
import type { Path } from '../schema/position.ts';
import { type Ipv4Address, parseIpv4 } from '../wire/ipv4-address.ts';
import { BROADCAST_MAC, parseMac } from '../wire/mac-address.ts';
import type { Context } from './context.ts';
import type { MacReference, Window } from './expectations/expectation.ts';
import type { PortSelector } from './model.ts';
import type { CableTarget } from './steps/step.ts';

/** An address, and the machine that was named if one was. */
export interface AddressTarget {
  readonly address: Ipv4Address;
  readonly name: string | null;
}

/** '192.168.50.10', or a pod, host or node by name, which means its primary address. */
export function resolveAddress(context: Context, text: string, path: Path): AddressTarget | null {
  const literal = parseIpv4(text);
  if (literal !== null) return { address: literal, name: null };
  if (/^[\d.]+$/.test(text)) {
    context.report(path, `"${text}" is not an IPv4 address`, 'four numbers from 0 to 255');
    return null;
  }
  if (!context.known(text, path, 'pod', 'host', 'node')) return null;
  const address = context.addressOf(text);
  if (address === null) {
    if (context.hasNoAddress(text)) {
      context.report(path, `"${text}" has no address`, 'name an address instead');
    }
    return null;
  }
  return { address, name: text };
}

/**
 * 'worker02/enp1s0', 'worker02' (its first interface), 'kernel/egl0', or the name of a link between segments;
 * `others` are what the caller takes besides, for the message.
 */
export function resolveCable(
  context: Context,
  text: string,
  path: Path,
  ...others: readonly NameKind[]
): CableTarget | null {
  if (context.declared.has('link', text)) return { kind: 'link', link: text };
  const machine = text.split('/', 1)[0] ?? text;
  if (machine === KERNEL && hasAttachments(context)) {
    const attachment = text.slice(machine.length + 1);
    return context.known(attachment, path, 'attachment')
      ? { kind: 'attachment', attachment }
      : null;
  }
  if (!context.declared.has('host', machine) && !context.declared.has('node', machine)) {
    context.known(machine, path, 'host', 'node', 'link', ...others);
    return null;
  }
  const found = context.interface(text, path);
  return found === null ? null : { kind: 'interface', ...found };
}

function hasAttachments(context: Context): boolean {
  return context.declared.names('attachment').length > 0;
}

/** A MAC address, 'broadcast', or whose it is: 'worker02', 'worker02/enp1s0', a pod. */
export function resolveMac(context: Context, text: string, path: Path): MacReference | null {
  if (text === 'broadcast') return { mac: BROADCAST_MAC, owner: null };
  const literal = parseMac(text);
  if (literal !== null) return { mac: literal, owner: null };
  const pod = context.pods.get(text);
  if (pod !== undefined) return { mac: pod.mac, owner: text };
  if (context.declared.has('pod', text)) return null;
  if (!text.includes('/') && !context.known(text, path, 'host', 'node', 'pod')) return null;
  const found = context.interface(text, path);
  if (found === null) return null;
  const own = context.machines
    .get(found.machine)
    ?.interfaces.find(({ name }) => name === found.interface);
  return own === undefined ? null : { mac: own.mac, owner: `${found.machine}/${found.interface}` };
}

/** What stands for the machine in the names of kernel devices: 'kernel/egl0'. */
const KERNEL = 'kernel';
/** Devices of the capture that are not machines. */
const PSEUDO_PORTS: readonly string[] = ['drops'];

/** 'worker02/enp1s0', 'worker02' (all of it), or '*' for either part; the part after '/' is free on nodes and pods. */
export function resolvePorts(context: Context, text: string, path: Path): PortSelector | null {
  const selector: PortSelector = { position: context.position(path), text };
  if (PSEUDO_PORTS.includes(text)) return selector;
  const slash = text.indexOf('/');
  const device = slash < 0 ? text : text.slice(0, slash);
  const port = slash < 0 ? '*' : text.slice(slash + 1);
  if (port === '' || device === '') {
    const message = `"${text}" names no port`;
    context.report(path, message, 'write "host/interface", with "*" for any, or "drops"');
    return null;
  }
  if (device.includes('*')) return selector;
  if (device === KERNEL && hasAttachments(context)) return selector;
  const kinds = ['host', 'node', 'pod', 'segment'] as const;
  if (!kinds.some((kind) => context.declared.has(kind, device))) {
    const known = [...context.declared.names(...kinds), ...PSEUDO_PORTS];
    context.unknown('device', device, known, path);
    return null;
  }
  if (context.declared.has('host', device) && !port.includes('*')) {
    return context.interface(text, path) === null ? null : selector;
  }
  return selector;
}

/** `between: [10s, 40s]` or `since: 10s`, which lasts until the expectation is checked. */
export function normalizeWindow(
  context: Context,
  raw: { readonly between?: readonly number[]; readonly since?: number },
  at: number,
  path: Path,
): Window | null {
  if (raw.between !== undefined && raw.since !== undefined) {
    context.report(path, '"between" and "since" cannot be combined', 'keep one of them');
    return null;
  }
  if (raw.since !== undefined) return { from: raw.since, to: at };
  if (raw.between === undefined) return null;
  const [from = 0, to = 0] = raw.between;
  if (to > from) return { from, to };
  context.report([...path, 'between'], 'the second time must be after the first', 'swap them');
  return null;
}
