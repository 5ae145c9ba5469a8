// The JSON Schema of topology files, made from the same schemas that read them: editors complete and
// check by it. Published as topologies/topology.schema.json, refreshed by `egresslab schema`.

import { z } from 'zod';
import { topologySchema } from './schema.ts';

/** Of what a user writes: leaves are the texts, not what they become. */
export function topologyJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(topologySchema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  return { $schema, ...schema };
}
