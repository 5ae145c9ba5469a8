// The lab, in a worker of the page: checks topologies and runs them. Stopping it is ending the worker.

import './without-eval.ts';
import { EgressLabError } from '../../base/errors.ts';
import { MemoryByteSink } from '../../capture/memory-byte-sink.ts';
import { encodeRecord } from '../../scenario/recording/encoding.ts';
import { RunRecorder } from '../../scenario/recording/recorder.ts';
import { runScenario } from '../../scenario/run.ts';
import { meaningAt, suggestionsAt } from '../../topology/assist/assist.ts';
import { topologyJsonSchema } from '../../topology/json-schema.ts';
import { parseTopology } from '../../topology/parse.ts';
import type { Assistance, AssistRequest, Job, Reply, Request, RunResult } from './messages.ts';

/** Wall time between two words about progress, in milliseconds. */
const PROGRESS_PERIOD = 200;

addEventListener('message', ({ data }: MessageEvent<Request | AssistRequest>) => {
  if (data.kind !== 'assist') void answer(data);
  else say({ kind: 'assisted', id: data.id, assistance: assist(data) });
});

let schema: Record<string, unknown> | null = null;

function assist({ offset, text }: AssistRequest): Assistance {
  schema ??= topologyJsonSchema();
  const meaning = meaningAt(schema, text, offset);
  return { ...suggestionsAt(schema, text, offset), meaning };
}

async function answer({ file, id, kind, text }: Request): Promise<void> {
  try {
    if (kind === 'check') {
      say({ kind: 'checked', id, diagnostics: parseTopology(text, { file }).diagnostics });
    } else {
      const result = await runJob({ file, text }, id);
      if (result !== null) sayResult(id, result);
    }
  } catch (error) {
    say({ kind: 'failed', id, message: sentenceOf(error) });
  }
}

/** Null when the topology has problems, which are said. */
async function runJob({ file, text }: Job, id: number): Promise<RunResult | null> {
  const { diagnostics, topology } = parseTopology(text, { file });
  say({ kind: 'checked', id, diagnostics });
  if (topology === null) return null;
  const { duration } = topology.scenario;
  const recorder = new RunRecorder();
  const sink = new MemoryByteSink();
  const names: string[] = [];
  let said = performance.now();
  const report = await runScenario(topology, {
    recorder,
    openCapture: ({ fileName }) => {
      names.push(fileName);
      return { path: fileName, sink };
    },
    breathe: (at) => {
      if (performance.now() - said < PROGRESS_PERIOD) return null;
      said = performance.now();
      say({ kind: 'progress', id, at, of: duration });
      return null;
    },
  });
  const [name] = names;
  return {
    record: encodeRecord(recorder.finish(report, text)),
    capture: name === undefined ? null : { name, octets: new Uint8Array(sink.bytes()) },
  };
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof EgressLabError)) return `A bug in egresslab: ${String(error)}`;
  return `${error.message} (${error.code})${error.hint === null ? '' : ` — ${error.hint}`}`;
}

function say(reply: Reply): void {
  postMessage(reply);
}

function sayResult(id: number, result: RunResult): void {
  const reply: Reply = { kind: 'ran', id, result };
  const { capture, record } = result;
  const transfer = capture === null ? [record.buffer] : [record.buffer, capture.octets.buffer];
  postMessage(reply, { transfer });
}
