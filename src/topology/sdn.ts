// `cluster.sdn`: which egress-IP implementation decides. `openshift-sdn`, or the same with a profile
// (the era whose behavior and log lines are wanted) and quirks switched one by one.

import { z } from 'zod';
import type { Context } from './context.ts';
import type { SdnProfile, SdnSpec } from './model.ts';
import type { Path } from './position.ts';
import { mapping } from './values.ts';

type SdnKind = SdnSpec['kind'];

interface RawSdnObject {
  readonly kind: SdnKind;
  readonly profile?: SdnProfile;
  readonly quirks?: Readonly<Record<string, boolean>>;
}

export type RawSdn = SdnKind | RawSdnObject;

const kind: z.ZodType<SdnKind> = z.enum(['openshift-sdn']);
const profile: z.ZodType<SdnProfile> = z.enum(['v4.3', 'head']);

const sdnObject: z.ZodType<RawSdnObject> = z.strictObject({
  kind,
  profile: profile.exactOptional().describe('v4.3 when left out: the era whose logs people quote'),
  quirks: mapping(z.string(), z.boolean({ error: 'expected true or false' }))
    .exactOptional()
    .describe('Quirks of the original by name: false switches one off'),
});

export const sdnSchema: z.ZodType<RawSdn> = z.union([kind, sdnObject]).meta({ id: 'sdn' });

export function normalizeSdn(_context: Context, raw: RawSdn, _path: Path): SdnSpec {
  if (typeof raw === 'string') return { kind: raw, profile: 'v4.3', quirks: new Map() };
  return {
    kind: raw.kind,
    profile: raw.profile ?? 'v4.3',
    quirks: new Map(Object.entries(raw.quirks ?? {})),
  };
}
