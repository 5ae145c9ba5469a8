// A cluster network that is not in src: each namespace leaves by a fixed node. It proves that a second one
// fits, and .github/CONTRIBUTING.md walks through it.

import { z } from 'zod';
import { defineFabricExpectation } from '../../../src/fabric/expectation.ts';
import type { Fabric } from '../../../src/fabric/fabric.ts';
import { NAMESPACE } from './agent.ts';
import { Gateways } from './kind.ts';
import { StaticNetwork } from './network.ts';
import { section } from './section.ts';

const gateway = defineFabricExpectation({
  keyword: 'gateway',
  schema: z.strictObject({ gateway: z.string(), node: z.string() }),
  normalize: (reporter, raw, path) =>
    reporter.known(raw.gateway, [...path, 'gateway'], 'namespace')
      ? { namespace: raw.gateway, node: raw.node }
      : null,
  check: (store, { namespace, node }) => {
    const actual = store.get(Gateways, namespace)?.node ?? 'nothing';
    return actual === node ? [] : [`gateway ${namespace} is ${actual}`];
  },
});

export const staticFabric: Fabric = {
  kind: 'static',
  systemNamespace: NAMESPACE,
  section,
  kinds: [Gateways],
  expectations: [gateway],
  tables: [{ kind: Gateways, printed: true }],
  changes: () => [],
  build: (site) => new StaticNetwork(site),
};
