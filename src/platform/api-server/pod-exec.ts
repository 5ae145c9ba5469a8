// `kubectl exec POD -- ip neigh`: what Linux's own tools print on a pod of the lab, or on the node whose
// network it shares. The tools only look, and read no standard input.

import { EgressLabError } from '../../base/errors.ts';
import type { JsonObject } from '../../kube/json.ts';
import { type Pod, Pods } from '../../kube/kinds/pod.ts';
import * as status from '../../kube/server/status.ts';
import { runTool, TOOL_NAMES } from '../../view/linux-tools.ts';
import type { ApiLab } from './api-lab.ts';
import type { Exchange } from './exchange.ts';
import { booleanOf, type Checked } from './query.ts';

/** What is asked for (core/v1 PodExecOptions). */
interface ExecRequest {
  readonly machine: string;
  readonly words: readonly string[];
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** As a shell says that there is no such program, and that it was called wrongly. */
const NO_SUCH_TOOL = 127;
const WRONG_WORDS = 2;

/** Carries out a command on the pod that the path names. */
export function servePodExec(
  exchange: Exchange,
  lab: ApiLab,
  namespace: string,
  name: string,
): void {
  const request = lab.perform(() => execRequest(exchange.query, lab, namespace, name));
  if (!request.ok) {
    exchange.fail(request.status);
    return;
  }
  const { machine, stderr, stdout, tty, words } = request.value;
  exchange.channels((channels) => {
    const ended = lab.perform(() => execute(lab, machine, words));
    // A terminal has one stream, and moves back at the end of a line.
    const shown = (text: string): string => (tty ? text.replaceAll('\n', '\r\n') : text);
    if (stdout) channels.write('stdout', shown(ended.stdout));
    if (tty ? stdout : stderr) channels.write(tty ? 'stdout' : 'stderr', shown(ended.stderr));
    channels.finish(statusOf(ended.code));
  });
}

function execRequest(
  query: URLSearchParams,
  lab: ApiLab,
  namespace: string,
  name: string,
): Checked<ExecRequest> {
  const found = lab.store.find(Pods, name, namespace);
  if (!found.ok) return found;
  const words = query.getAll('command');
  const [stdin, stdout, stderr, tty] = ['stdin', 'stdout', 'stderr', 'tty'].map((each) =>
    booleanOf(query, each),
  );
  if (stdin !== true && stdout !== true && stderr !== true) {
    return refuse('you must specify at least 1 of stdin, stdout, stderr');
  }
  if (words.length === 0) {
    return refuse('you must specify at least 1 command for the container');
  }
  const containers = found.object.spec.containers.map((each) => each.name);
  const container = query.get('container') ?? '';
  if (container !== '' && !containers.includes(container)) {
    return refuse(`container ${container} is not valid for pod ${name}`);
  }
  const machine = machineOf(found.object, lab);
  if (!machine.ok) return machine;
  return {
    ok: true,
    value: {
      machine: machine.value,
      words,
      stdout: stdout === true,
      stderr: stderr === true,
      tty: tty === true,
    },
  };
}

/** Whose network the pod has; refused for one that no node runs, or whose node does not answer. */
function machineOf({ metadata, spec, status: own }: Pod, { lab }: ApiLab): Checked<string> {
  const { hostNetwork = false, nodeName } = spec;
  const { name } = metadata;
  if (nodeName === undefined) return refuse(`pod ${name} does not have a host assigned`);
  const node = lab.machines.get(nodeName)?.stack;
  if (node?.powered !== true) {
    const address = `${own.hostIP ?? nodeName}:10250`;
    return { ok: false, status: status.kubeletUnreachable(address) };
  }
  if (hostNetwork) return { ok: true, value: nodeName };
  const pod = lab.cluster?.pods.get(name);
  if (pod === undefined || pod.namespace !== metadata.namespace) {
    return { ok: false, status: status.internalError(`pod ${name} does not run on ${nodeName}`) };
  }
  return { ok: true, value: name };
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

function execute({ lab }: ApiLab, machine: string, words: readonly string[]): Ended {
  try {
    return { stdout: runTool(lab, machine, words), stderr: '', code: 0 };
  } catch (error) {
    if (!(error instanceof EgressLabError)) throw error;
    const { hint, message } = error;
    const code = TOOL_NAMES.includes(words[0] ?? '') ? WRONG_WORDS : NO_SUCH_TOOL;
    return { stdout: '', stderr: `${message}\n${hint}\n`, code };
  }
}

/** As the kubelet reports the end of a command (client-go tools/remotecommand). */
function statusOf(code: number): JsonObject {
  if (code === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

function refuse(message: string): Checked<never> {
  return { ok: false, status: status.badRequest(message) };
}
