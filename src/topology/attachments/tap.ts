// `tap:`: a device on a segment, with the address of the kernel's end or none.

import type { Path } from '../../schema/position.ts';
import { DEFAULT_MTU } from '../../wire/ethernet.ts';
import type { Context } from '../context.ts';
import type { DerivedMacs } from '../derived-mac.ts';
import { resolveAddress } from '../interfaces.ts';
import type { TapAttachment } from './attachment.ts';
import { madeDevice } from './made-device.ts';
import { MAXIMUM_MTU, type RawTap } from './schema.ts';

/** Null when it has been complained about. */
export function normalizeTap(
  context: Context,
  macs: DerivedMacs,
  raw: RawTap,
  path: Path,
): TapAttachment | null {
  if (!context.known(raw.segment, [...path, 'segment'], 'segment')) return null;
  const on = context.segments.get(raw.segment) ?? null;
  const address =
    raw.address === undefined
      ? null
      : resolveAddress(context, raw.address, on, [...path, 'address']);
  const mtu = raw.mtu ?? Math.min(on?.mtu ?? DEFAULT_MTU, MAXIMUM_MTU);
  return {
    kind: 'tap',
    name: raw.tap,
    position: context.position(path),
    segment: raw.segment,
    address,
    mac: raw.mac ?? macs.derive('kernel', raw.tap, address?.address ?? null),
    ...madeDevice(context, raw, mtu, address, path),
  };
}
