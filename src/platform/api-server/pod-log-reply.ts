// `GET .../pods/<name>/log`: what a container wrote, and with `follow` what it goes on to write.

import { type Pod, Pods } from '../../kube/kinds/pod.ts';
import type { LogLine } from '../../kube/server/pod-logs.ts';
import * as status from '../../kube/server/status.ts';
import { parseTimestamp } from '../../kube/wall-clock.ts';
import { type Nanos, seconds } from '../../sim/time.ts';
import type { ApiLab } from './api-lab.ts';
import type { Exchange } from './exchange.ts';
import { booleanOf, type Checked, integerOf } from './query.ts';

/** Which lines, and how (core/v1 PodLogOptions). */
interface LogRequest {
  readonly tail: number | null;
  /** Not older than this lab time. */
  readonly since: Nanos | null;
  readonly limitBytes: number | null;
  readonly timestamps: boolean;
  readonly follow: boolean;
}

/** Answers with the log of a pod that the path names. */
export function servePodLog(
  exchange: Exchange,
  lab: ApiLab,
  namespace: string,
  name: string,
): void {
  lab.perform(() => {
    const found = lab.store.find(Pods, name, namespace);
    if (!found.ok) {
      exchange.fail(found.status);
      return;
    }
    const request = logRequest(exchange.query, found.object, lab);
    if (request.ok) sendLog(exchange, lab, namespace, name, request.value);
    else exchange.fail(request.status);
  });
}

function logRequest(query: URLSearchParams, pod: Pod, lab: ApiLab): Checked<LogRequest> {
  const { name } = pod.metadata;
  const containers = pod.spec.containers.map((container) => container.name);
  const container = query.get('container') ?? '';
  if (container !== '' && !containers.includes(container)) {
    return refuse(`container ${container} is not valid for pod ${name}`);
  }
  if (booleanOf(query, 'previous')) {
    const shown = container === '' ? (containers[0] ?? '') : container;
    return refuse(`previous terminated container "${shown}" in pod "${name}" not found`);
  }
  const tail = integerOf(query, 'tailLines');
  const age = integerOf(query, 'sinceSeconds');
  const limit = integerOf(query, 'limitBytes');
  if (!tail.ok) return tail;
  if (!age.ok) return age;
  if (!limit.ok) return limit;
  const moment = parseTimestamp(query.get('sinceTime') ?? '');
  const sinceTime = moment === null ? null : moment * 1e9 - lab.columns.clock.micros(0) * 1e3;
  return {
    ok: true,
    value: {
      tail: tail.value,
      since: age.value === null ? sinceTime : lab.now - seconds(age.value),
      limitBytes: limit.value,
      timestamps: booleanOf(query, 'timestamps'),
      follow: booleanOf(query, 'follow'),
    },
  };
}

function sendLog(
  exchange: Exchange,
  lab: ApiLab,
  namespace: string,
  name: string,
  { follow, limitBytes, since, tail, timestamps }: LogRequest,
): void {
  const { clock } = lab.columns;
  const line = ({ at, text }: LogLine): string =>
    timestamps ? `${clock.preciseTimestamp(at)} ${text}\n` : `${text}\n`;
  const log = lab.logs.open(name, namespace);
  const written = log.lines({ tail, since }).map(line).join('');
  const text = limitBytes === null ? written : firstOctets(written, limitBytes);
  if (!follow) {
    exchange.text(200, text);
    return;
  }
  const stream = exchange.stream('text/plain; charset=utf-8');
  if (stream === null) return;
  if (text !== '') stream.write(text);
  stream.onClose(log.follow((added) => stream.write(line(added))));
}

function firstOctets(text: string, limit: number): string {
  return Buffer.from(text, 'utf8').subarray(0, limit).toString('utf8');
}

function refuse(message: string): Checked<never> {
  return { ok: false, status: status.badRequest(message) };
}
