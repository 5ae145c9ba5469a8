// The labs that come with the package: topologies/*.yaml beside src/ and dist/.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A topology that is in the package. */
export interface ShippedTopology {
  /** The file's name without extension; `egresslab run <name>` takes it. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
}

/** Sorted by name. */
export function shippedTopologies(): ShippedTopology[] {
  const directory = fileURLToPath(new URL('../../topologies/', import.meta.url));
  return readdirSync(directory)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => ({ name: file.slice(0, -'.yaml'.length), file: join(directory, file) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
