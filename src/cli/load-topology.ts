// From what a user typed to a topology: a path, or the name of a lab that comes with egresslab.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readTopology } from '../platform/read-topology.ts';
import { shippedTopologies } from '../platform/shipped-topologies.ts';
import { type ParseResult, parseTopology } from '../topology/parse.ts';

/** @throws EgressLabError when the file can not be read; what is wrong in it is in the result. */
export function loadTopology(typed: string, workingDirectory: string): ParseResult {
  const shipped = shippedTopologies().find((topology) => topology.name === typed);
  const file =
    shipped !== undefined && !existsSync(resolve(workingDirectory, typed)) ? shipped.file : typed;
  return parseTopology(readTopology(file, workingDirectory), { file: typed });
}
