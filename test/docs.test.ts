// Documents that are made from the code, or checked against it. `npm run golden` refreshes what can be.

import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SYSCTL_NAMES } from '../src/stack/sysctl.ts';
import { topologyJsonSchema } from '../src/topology/json-schema.ts';
import { topologyReference } from './support/topology-reference.ts';

const ROOT = new URL('../', import.meta.url);
const REFRESH = process.env.UPDATE_GOLDEN === '1';

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

test('the topology reference is that of the schema', () => {
  const reference = topologyReference(topologyJsonSchema(), SYSCTL_NAMES);
  if (REFRESH) writeFileSync(new URL('topologies/REFERENCE.md', ROOT), reference);
  expect(read('topologies/REFERENCE.md'), 'npm run golden refreshes it').toBe(reference);
});
