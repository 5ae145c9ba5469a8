// What the browser runs for test/browser.test.ts: a worker that is handed a topology as text and hands
// back the capture file. Compiled without Node's names (tsconfig.web.json).

import { MemoryByteSink } from '../../src/capture/memory-byte-sink.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import type { Job, Result } from './job.ts';

async function run({ text, file }: Job): Promise<Result> {
  const { topology, diagnostics } = parseTopology(text, { file });
  if (topology === null) {
    return { outcome: diagnostics.map(({ message }) => message).join('\n'), capture: '' };
  }
  const sink = new MemoryByteSink();
  const { outcome } = await runScenario(topology, {
    openCapture: ({ fileName }) => ({ path: fileName, sink }),
  });
  return { outcome, capture: textOf(sink.bytes()) };
}

/** One character an octet. */
function textOf(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  }
  return parts.join('');
}

addEventListener('message', async (event: MessageEvent<Job>) => {
  postMessage(await run(event.data));
});
