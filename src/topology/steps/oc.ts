// `oc: "patch node ..."`: a command typed at that moment, verbatim as in OpenShift's docs.
// Read here, by the parser that the command line uses, so that a typo is found before anything runs.

import { z } from 'zod';
import { EgressLabError } from '../../base/errors.ts';
import { KindRegistry } from '../../kube/kinds/registry.ts';
import type { OcCommand } from '../../kube/oc/command.ts';
import { parseOc } from '../../kube/oc/parse.ts';
import type { NameKind } from '../../schema/declared.ts';
import type { Path } from '../../schema/position.ts';
import type { Context } from '../context.ts';
import { type Dialect, perDialect } from '../dialect.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { StepBase } from './step.ts';

/** Runs an `oc` command as the cluster's administrator. */
export interface OcStep extends StepBase {
  readonly kind: 'oc';
  /** What was typed, with or without the leading `oc`. */
  readonly line: string;
  readonly command: OcCommand;
}

/** `oc:` as a scenario writes it. */
export const oc: StepDefinition<OcStep> = defineStep(
  'oc',
  z
    .strictObject({
      ...stepShape,
      oc: z
        .string({ error: 'expected an oc command as a text' })
        .describe('What is typed after "oc", verbatim'),
    })
    .meta({ id: 'ocStep' }),
  (context, { oc: line }, base, path) => {
    const command = readOc(context, line, [...path, 'oc']);
    return command === null ? null : { ...base, kind: 'oc', line, command };
  },
);

/** The command that a text in the topology is; null when something was wrong, and reported. */
export function readOc(context: Context, line: string, at: Path): OcCommand | null {
  if (!context.hasCluster) {
    context.report(at, 'oc needs a cluster, and this lab has none', 'add a "cluster"');
    return null;
  }
  const command = parse(context, line, at);
  return command === null || !targetsExist(context, command, at) ? null : command;
}

/** The kinds that the clusters of a dialect have. */
const kindsIn: (dialect: Dialect) => KindRegistry = perDialect(
  ({ fabrics }) => new KindRegistry(fabrics.flatMap(({ kinds }) => kinds)),
);

function parse(context: Context, line: string, path: Path): OcCommand | null {
  try {
    return parseOc(line, kindsIn(context.dialect));
  } catch (error) {
    if (!(error instanceof EgressLabError)) throw error;
    context.report(path, error.message, error.hint);
    return null;
  }
}

/** Objects that the topology declares, by resource. Others (pods of the fabric, events) come and go. */
const DECLARED: Readonly<Record<string, NameKind>> = { nodes: 'node', namespaces: 'namespace' };

function targetsExist(context: Context, command: OcCommand, path: Path): boolean {
  if (!('targets' in command) || command.ignoreNotFound) return true;
  const known = context.dialect.fabrics.map(({ section }) => section.namedAfter);
  const declared = Object.assign({}, ...known, DECLARED) as typeof DECLARED;
  return command.targets
    .map(({ kind: { plural }, name }) => {
      const kind = declared[plural];
      return kind === undefined || name === null || context.known(name, path, kind);
    })
    .every((known) => known);
}
