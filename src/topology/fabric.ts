// `cluster.fabric`: which cluster network runs the cluster. Its name, or the name with options of its own
// (`{ kind: openshift-sdn, profile: head }`). `sdn` says the same and is older.

import { z } from 'zod';
import { present } from '../base/assert.ts';
import type { Fabric } from '../fabric/fabric.ts';
import type { Path } from '../schema/position.ts';
import type { Context } from './context.ts';
import type { Dialect } from './dialect.ts';

interface RawFabricObject {
  readonly kind: string;
  readonly [option: string]: unknown;
}

/** `fabric:` as it is written: the name alone, or with options. */
export type RawFabric = string | RawFabricObject;

/** One value of `fabric:` or `sdn:`. */
export function fabricSchema({ fabrics, kinds }: Dialect): z.ZodType<RawFabric> {
  const kind: z.ZodType<string> = z.enum(kinds);
  const objects = fabrics.map((fabric) =>
    z.strictObject({
      kind: fabrics.length === 1 ? kind : z.literal(fabric.kind),
      ...fabric.section.options,
    }),
  );
  return z.union([kind, ...objects]).meta({ id: 'fabric' });
}

/** The kind and the options beside it; complains unless the fabric is named once. */
export function namedFabric(
  context: Context,
  raw: { readonly fabric?: RawFabric; readonly sdn?: RawFabric },
  path: Path,
): { readonly fabric: Fabric; readonly options: Readonly<Record<string, unknown>> } {
  if (raw.fabric !== undefined && raw.sdn !== undefined) {
    const message = '"sdn" and "fabric" say the same, and both are given';
    context.report([...path, 'sdn'], message, 'keep "fabric"', 'key');
  }
  const given = raw.fabric ?? raw.sdn;
  if (given === undefined) {
    const known = context.dialect.kinds.join(', ');
    const remedy = `"cluster" needs the key "fabric": ${known}`;
    context.reportMissing([...path, 'fabric'], '"fabric" is missing', remedy);
  }
  const { kind: _kind, ...options } = typeof given === 'object' ? given : { kind: given };
  return { fabric: present(context.dialect.fabrics[0], 'a file has one fabric'), options };
}
