// The playground: a topology on the left, its run on the right. The lab runs in a worker of this page.

import type { EditorView } from '@codemirror/view';
import { type Signal, signal } from '@preact/signals';
import { type JSX, render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { decodeRecord } from '../scenario/recording/encoding.ts';
import type { Diagnostic } from '../schema/diagnostic.ts';
import { download, pictureSvg, reportOf } from './downloads.ts';
import { createEditor, goTo, setText } from './editor.ts';
import { fragmentOf, readFragment } from './link.ts';
import { RunIndex } from './query/run-index.ts';
import { open } from './state.ts';
import { listenToKeys } from './views/keys.tsx';
import { Problem } from './views/problem.tsx';
import { RunView } from './views/run-view.tsx';
import { WorkerLab } from './worker/lab.ts';
import type { RunResult } from './worker/messages.ts';

/** A topology that one can begin with. */
interface Lab {
  readonly name: string;
  readonly text: string;
}

const lab = new WorkerLab('worker.js');
const file: Signal<string> = signal('');
const text: Signal<string> = signal('');
/** The text whose run is shown. */
const ranText: Signal<string | null> = signal(null);
const problems: Signal<readonly Diagnostic[]> = signal([]);
/** What is going on, or went wrong; a sentence. */
const notice: Signal<{ readonly words: string; readonly isBad: boolean } | null> = signal(null);
const isRunning: Signal<boolean> = signal(false);
const result: Signal<RunResult | null> = signal(null);
let editor: EditorView | null = null;

async function run(): Promise<void> {
  if (isRunning.value) return;
  const ran = text.value;
  isRunning.value = true;
  notice.value = { words: 'Running …', isBad: false };
  const outcome = await lab.run({ text: ran, file: file.value }, (at, of) => {
    const words = `Running: ${(at / 1e9).toFixed(1)} of ${(of / 1e9).toFixed(0)} s`;
    notice.value = { words, isBad: false };
  });
  isRunning.value = false;
  if (outcome.kind === 'ran') show(ran, outcome.result);
  else if (outcome.kind === 'invalid') {
    problems.value = outcome.diagnostics;
    notice.value = { words: 'The topology has problems: nothing was run.', isBad: true };
  } else {
    const words = outcome.kind === 'stopped' ? 'Stopped.' : outcome.message;
    notice.value = { words, isBad: true };
  }
}

function show(ran: string, found: RunResult): void {
  const { problem, record } = decodeRecord(found.record);
  if (record === null) {
    notice.value = { words: problem, isBad: true };
    return;
  }
  const [stopped] = record.report.problems;
  result.value = found;
  ranText.value = ran;
  problems.value = [];
  open(new RunIndex(record));
  notice.value =
    stopped === undefined
      ? null
      : {
          words: `Stopped at ${(stopped.at / 1e9).toFixed(3)} s: ${stopped.message} (${stopped.code})`,
          isBad: true,
        };
}

async function check(checked: string): Promise<readonly Diagnostic[]> {
  if (isRunning.value) return problems.value;
  const found = await lab.check({ text: checked, file: file.value });
  if (found !== null && checked === text.value) problems.value = found;
  return found ?? [];
}

function choose({ name, text: chosen }: Lab): void {
  file.value = `${name}.yaml`;
  text.value = chosen;
  if (editor !== null) setText(editor, chosen);
  void run();
}

async function share(): Promise<void> {
  const fragment = await fragmentOf(text.value);
  if (fragment === null) {
    notice.value = { words: 'The topology is too long for a link: send the file.', isBad: true };
    return;
  }
  history.replaceState(null, '', fragment);
  const isCopied = await navigator.clipboard.writeText(location.href).then(
    () => true,
    () => false,
  );
  const words = isCopied ? 'The link is copied.' : 'The link is in the address bar.';
  notice.value = { words, isBad: false };
}

async function saveReport(found: RunResult): Promise<void> {
  const page = await reportOf(document.title, found.record);
  if (page === null)
    notice.value = { words: 'report.html is missing beside this page.', isBad: true };
  else download(file.value.replace(/\.ya?ml$/, '.html'), page, 'text/html');
}

function Tools(): JSX.Element {
  const found = result.value;
  const capture = found?.capture ?? null;
  return (
    <>
      <button
        type="button"
        disabled={capture === null}
        onClick={() => {
          if (capture === null) return;
          download(capture.name, capture.octets, 'application/octet-stream');
        }}
      >
        ⇩ capture
      </button>
      <button
        type="button"
        disabled={found === null}
        onClick={() => {
          if (found !== null) void saveReport(found);
        }}
      >
        ⇩ report
      </button>
      <button
        type="button"
        disabled={found === null}
        onClick={() => {
          const picture = pictureSvg();
          if (picture !== null) download('lab.svg', picture, 'image/svg+xml');
        }}
      >
        ⇩ SVG
      </button>
      <button type="button" onClick={() => void share()}>
        copy link
      </button>
    </>
  );
}

function Side({ labs }: { readonly labs: readonly Lab[] }): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (host.current === null) return;
    editor = createEditor(host.current, {
      text: text.value,
      check,
      // A run would keep it waiting.
      assist: (of, offset) => (isRunning.value ? Promise.resolve(null) : lab.assist(of, offset)),
      onChange: (changed) => {
        text.value = changed;
      },
      onRun: () => void run(),
    });
  }, []);
  const isStale = ranText.value !== null && ranText.value !== text.value;
  return (
    <section class="side" aria-label="Topology">
      <div class="side-head">
        <label>
          lab{' '}
          <select
            aria-label="Included labs"
            onChange={(event) => {
              const chosen = labs.find(({ name }) => name === event.currentTarget.value);
              if (chosen !== undefined) choose(chosen);
            }}
          >
            {labs.map(({ name }) => (
              <option key={name} selected={`${name}.yaml` === file.value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {isRunning.value ? (
          <button type="button" onClick={() => lab.stop()}>
            stop
          </button>
        ) : (
          <button type="button" class="run" onClick={() => void run()} title="Ctrl+Enter">
            run
          </button>
        )}
      </div>
      <p class={notice.value?.isBad === true ? 'notice bad' : 'notice'} role="status">
        {notice.value?.words ?? (isStale ? 'Shows the run before your change.' : '')}
      </p>
      <div ref={host} class="editor" />
      {problems.value.length === 0 ? null : (
        <ul class="problems" aria-label="Problems">
          {problems.value.map(({ message, position, remedy }) => (
            <li key={`${position.line} ${position.column} ${message}`}>
              <button
                type="button"
                class="link bad"
                onClick={() => {
                  if (editor !== null) goTo(editor, position.line, position.column);
                }}
              >
                line {position.line}: {message}
                {remedy === null ? '' : `; ${remedy}`}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The labs in the page; the first one is `duplicate-ip`, or what the command line named. */
function labsOfPage(): Lab[] {
  const found: Lab[] = JSON.parse(document.getElementById('labs')?.textContent ?? '[]');
  return found;
}

async function begin(): Promise<void> {
  const root = document.getElementById('app');
  if (root === null) return;
  if (location.protocol === 'file:') {
    const hint = 'Run `egresslab web`, or put this folder on any web server.';
    render(<Problem title="The playground needs a web server." hint={hint} />, root);
    return;
  }
  const labs = labsOfPage();
  const [first = { name: 'lab', text: '' }] = labs;
  const link = await readFragment(location.hash);
  file.value = link.kind === 'text' ? 'shared.yaml' : `${first.name}.yaml`;
  text.value = link.kind === 'text' ? link.text : first.text;
  listenToKeys();
  render(<RunView tools={<Tools />} side={<Side labs={labs} />} />, root);
  await run();
  if (link.kind === 'broken') notice.value = { words: link.problem, isBad: true };
}

void begin();
