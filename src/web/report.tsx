// The report: a page that holds one finished run and shows it. Needs no network and no worker.

import { render } from 'preact';
import { decodeRecord } from '../scenario/recording/encoding.ts';
import { inflate } from './octets.ts';
import { RunIndex } from './query/run-index.ts';
import { open } from './state.ts';
import { listenToKeys } from './views/keys.tsx';
import { Problem } from './views/problem.tsx';
import { RunView } from './views/run-view.tsx';

const HINT =
  'Write the report again with `egresslab run TOPOLOGY --html FILE`, or open it with the egresslab that made it.';

async function begin(): Promise<void> {
  const root = document.getElementById('app');
  if (root === null) return;
  const text = document.getElementById('run')?.textContent ?? '';
  const bytes = await inflate(text);
  const { problem, record } =
    bytes === null
      ? { record: null, problem: `It was cut off after ${text.length} characters.` }
      : decodeRecord(bytes);
  if (record === null) {
    render(<Problem title={`This report cannot be read. ${problem}`} hint={HINT} />, root);
    return;
  }
  open(new RunIndex(record));
  listenToKeys();
  render(<RunView />, root);
}

void begin();
