// The kinds of a cluster with OpenShift SDN, and commands about them.

import { OPENSHIFT_SDN_KINDS } from '../../src/fabric/openshift-sdn/kinds/index.ts';
import { KindRegistry } from '../../src/kube/kinds/registry.ts';
import type { OcCommand } from '../../src/kube/oc/command.ts';
import * as parser from '../../src/kube/oc/parse.ts';

export const kinds: KindRegistry = new KindRegistry(OPENSHIFT_SDN_KINDS);

/** A command as a line. */
export function parseOc(line: string): OcCommand {
  return parser.parseOc(line, kinds);
}

/** A command as words. */
export function parseOcArguments(words: readonly string[]): OcCommand {
  return parser.parseOcArguments(words, kinds);
}
