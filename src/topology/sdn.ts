// `cluster.sdn`: which egress-IP implementation decides. `openshift-sdn`, or the same with a profile
// (the era whose behavior and log lines are wanted) and quirks switched one by one.

import { z } from 'zod';
import {
  DEFAULT_PROFILE,
  type ProfileName,
  profileNames,
} from '../fabric/openshift-sdn/control/profile.ts';
import { type QuirkName, quirkNames, quirks } from '../fabric/openshift-sdn/control/quirks.ts';
import type { SdnSpec } from './model.ts';

type SdnKind = SdnSpec['kind'];
type QuirkSwitches = Partial<Readonly<Record<QuirkName, boolean>>>;

interface RawSdnObject {
  readonly kind: SdnKind;
  readonly profile?: ProfileName;
  readonly quirks?: QuirkSwitches;
}

export type RawSdn = SdnKind | RawSdnObject;

const kind: z.ZodType<SdnKind> = z.enum(['openshift-sdn']);
const profile: z.ZodType<ProfileName> = z.enum(profileNames);

const quirkSwitch = z.boolean({ error: 'expected true or false' }).exactOptional();
const quirkSwitches: z.ZodType<QuirkSwitches> = z.strictObject(
  Object.fromEntries(quirkNames.map((name) => [name, quirkSwitch.describe(quirks[name])])),
);

const sdnObject: z.ZodType<RawSdnObject> = z.strictObject({
  kind,
  profile: profile
    .exactOptional()
    .describe('v4.3 when left out: the release whose logs people quote'),
  quirks: quirkSwitches.exactOptional().describe('Quirks of the original: false switches one off'),
});

export const sdnSchema: z.ZodType<RawSdn> = z.union([kind, sdnObject]).meta({ id: 'sdn' });

export function normalizeSdn(raw: RawSdn): SdnSpec {
  if (typeof raw === 'string') return { kind: raw, profile: DEFAULT_PROFILE, quirks: new Map() };
  return {
    kind: raw.kind,
    profile: raw.profile ?? DEFAULT_PROFILE,
    quirks: new Map(Object.entries(raw.quirks ?? {})),
  };
}
