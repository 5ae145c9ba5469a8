// Carries out what parse.ts has read, against the lab's API, and prints what kubectl prints. Watches,
// waits and followed logs go on in lab time until they end or are stopped; everything else has ended
// when `executeOc` returns.

import { EgressLabError } from '../../base/errors.ts';
import { Events } from '../kinds/event.ts';
import { apiVersionOf } from '../kinds/kind.ts';
import { Pods } from '../kinds/pod.ts';
import type { KindRegistry } from '../kinds/registry.ts';
import type { LogLine } from '../server/pod-logs.ts';
import { notFound } from '../server/status.ts';
import { TableLayout } from '../server/table.ts';
import { writeManifests } from './apply.ts';
import { changeMetadata, cordon, deleteObjects, patch } from './change.ts';
import type { DescribeCommand, LogsCommand, OcCommand } from './command.ts';
import { describeObject } from './describe.ts';
import { ENDED, type OcEnvironment, type OcOutput, type OcRun } from './environment.ts';
import { failureText } from './failures.ts';
import { findObject, findObjects } from './find.ts';
import { get } from './get.ts';
import { wait } from './wait.ts';

/** Starts a command; `output.exit` is called when it has ended, perhaps before this returns. */
export function executeOc(command: OcCommand, environment: OcEnvironment, output: OcOutput): OcRun {
  switch (command.verb) {
    case 'get':
      return get(command, environment, output);
    case 'wait':
      return wait(command, environment, output);
    case 'logs':
      return logs(command, environment, output);
    case 'patch':
      patch(command, environment, output);
      return ENDED;
    case 'delete':
      deleteObjects(command, environment, output);
      return ENDED;
    case 'apply':
    case 'create':
    case 'replace':
      writeManifests(command, environment, output);
      return ENDED;
    case 'annotate':
    case 'label':
      changeMetadata(command, environment, output);
      return ENDED;
    case 'cordon':
    case 'uncordon':
      cordon(command, environment, output);
      return ENDED;
    case 'describe':
      describe(command, environment, output);
      return ENDED;
    case 'api-resources':
      output.out(apiResourcesText(environment.store.kinds));
      output.exit(0);
      return ENDED;
  }
}

/** What a command printed and how it ended. */
export interface OcResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Carries out a command that ends at once. @throws EgressLabError EGL_OC_ENDLESS for a watch, a wait that has to wait, or a followed log */
export function runOc(command: OcCommand, environment: OcEnvironment): OcResult {
  let stdout = '';
  let stderr = '';
  let exitCode: number | null = null;
  const run = executeOc(command, environment, {
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
    exit: (code) => {
      exitCode ??= code;
    },
  });
  if (exitCode !== null) return { stdout, stderr, exitCode };
  run.stop();
  throw new EgressLabError('EGL_OC_ENDLESS', `oc ${command.verb} does not end by itself here`, {
    hint: 'Leave out -w and -f; to wait for something in a scenario use an expect step.',
  });
}

function describe(command: DescribeCommand, environment: OcEnvironment, output: OcOutput): void {
  const { complaints, found } = findObjects(command, environment);
  const { clock } = environment.store;
  const events = environment.store.list(Events).items;
  const texts = found.map(({ object }) => {
    const own = events.filter(({ involvedObject: { kind, name, namespace } }) => {
      return (
        kind === object.kind &&
        name === object.metadata.name &&
        namespace === object.metadata.namespace
      );
    });
    return describeObject(object, own, clock);
  });
  output.out(texts.join('\n\n'));
  output.err(complaints);
  if (found.length === 0 && complaints === '') output.err('No resources found\n');
  output.exit(complaints === '' ? 0 : 1);
}

function logs(command: LogsCommand, environment: OcEnvironment, output: OcOutput): OcRun {
  const { follow, pod, since, tail, timestamps } = command;
  const object = findObject(Pods, pod, command.namespace, environment);
  if (object === null) {
    output.err(failureText(notFound(Pods, pod), Pods));
    output.exit(1);
    return ENDED;
  }
  const container = command.container;
  const known = object.spec.containers.map(({ name }) => name);
  if (container !== null && !known.includes(container)) {
    output.err(`error: container ${container} is not valid for pod ${pod}\n`);
    output.exit(1);
    return ENDED;
  }
  const { scheduler, store } = environment;
  const log = environment.logs.open(pod, object.metadata.namespace ?? environment.namespace);
  const print = ({ at, text }: LogLine): void => {
    output.out(timestamps ? `${store.clock.preciseTimestamp(at)} ${text}\n` : `${text}\n`);
  };
  const oldest = since === null ? null : scheduler.now - since;
  for (const line of log.lines({ tail, since: oldest })) print(line);
  if (!follow) {
    output.exit(0);
    return ENDED;
  }
  const unfollow = log.follow(print);
  return {
    stop: () => {
      unfollow();
      output.exit(130);
    },
  };
}

function apiResourcesText({ kinds }: KindRegistry): string {
  const rows = kinds
    .map((kind) => [
      kind.plural,
      kind.shortNames.join(','),
      apiVersionOf(kind),
      String(kind.namespaced),
      kind.name,
    ])
    .sort((a, b) => ((a[2] ?? '') + (a[0] ?? '') < (b[2] ?? '') + (b[0] ?? '') ? -1 : 1));
  const header = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND'];
  return new TableLayout()
    .lines([header, ...rows])
    .map((line) => `${line}\n`)
    .join('');
}
