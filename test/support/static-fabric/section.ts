// `namespaces: { shop: { gateway: worker01 } }`: the first node when left out.

import { z } from 'zod';
import { defineSection, type FabricSection } from '../../../src/fabric/section.ts';

/** By namespace, the node by which it leaves. */
export type StaticSettings = { readonly gateways: Readonly<Record<string, string>> };

export const section: FabricSection = defineSection({
  options: {},
  cluster: {},
  node: {},
  namespace: {
    gateway: z
      .string({ error: 'expected the name of a node' })
      .exactOptional()
      .describe('By which node its pods leave'),
  },
  pod: {},
  nodeAddresses: 1,
  namedAfter: { gateways: 'namespace' },
  normalize: (reporter, { namespaces, nodes }, path): StaticSettings => {
    const [first = ''] = Object.keys(nodes);
    const gateways = Object.entries(namespaces).map(([name, { gateway = first }]) => {
      reporter.known(gateway, [...path, 'namespaces', name, 'gateway'], 'node');
      return [name, gateway] as const;
    });
    return { gateways: Object.fromEntries(gateways) };
  },
});
