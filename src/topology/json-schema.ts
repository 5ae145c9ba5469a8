// The JSON Schema of topology files, made from the same schemas that read them: editors complete and
// check by it. Published as topologies/topology.schema.json, refreshed by `egresslab schema`.

import { z } from 'zod';
import type { Fabric } from '../fabric/fabric.ts';
import { FABRICS } from '../fabric/index.ts';
import { everyDialect } from './dialect.ts';
import { topologySchema } from './schema.ts';

/** Of what a user writes: leaves are the texts, not what they become. Knows the keys of all fabrics. */
export function topologyJsonSchema(fabrics: readonly Fabric[] = FABRICS): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(topologySchema(everyDialect(fabrics)), {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  // What such keys hold is for anchors; nobody looks at it.
  return { $schema, ...schema, patternProperties: { '^x-': {} } };
}
