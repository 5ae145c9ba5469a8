// The left side of a live page: how the page stands to its lab, what can be done to a machine, and a command line.

import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { following, machine, moveTo, run } from '../state.ts';
import { count } from '../views/format.ts';
import type { LabConnection } from './connection.ts';
import { readLines } from './lines.ts';

/** A line of what was typed and answered. */
interface Said {
  readonly number: number;
  readonly text: string;
  readonly kind: 'typed' | 'out' | 'err';
}

/** Older lines are forgotten. */
const LINE_LIMIT = 500;

/** How the page stands to its lab. */
export const connection: Signal<LabConnection> = signal({ kind: 'open' });
/** Frames a second in the lab, all of them. */
export const rate: Signal<number> = signal(0);
/** Frames that happened and are not on the page. */
export const missed: Signal<number> = signal(0);
/** How far the lab is behind real time, in nanoseconds. */
export const lag: Signal<number> = signal(0);
const said: Signal<readonly Said[]> = signal([]);
const typed: Signal<readonly string[]> = signal([]);
const underWay: Signal<AbortController | null> = signal(null);
let lines = 0;

/** All of it. */
export function LiveSide(): JSX.Element {
  return (
    <section class="side live-side" aria-label="The lab, live">
      <Standing />
      <Machine />
      <CommandLine />
    </section>
  );
}

function Standing(): JSX.Element {
  const now = connection.value;
  const isLagging = lag.value > 1e8;
  return (
    <>
      <div class="side-head">
        <button
          type="button"
          class="run"
          aria-pressed={following.value}
          onClick={() => {
            following.value = !following.value;
            if (following.value) moveTo(run.value?.duration ?? 0);
          }}
        >
          {following.value ? '● following' : 'follow the lab'}
        </button>
        <span class="muted">
          {count(Math.round(rate.value))} frames/s
          {missed.value > 0 ? `, ${count(missed.value)} not shown` : ''}
          {isLagging ? `, ${(lag.value / 1e9).toFixed(1)} s behind` : ''}
        </span>
      </div>
      <p class={now.kind === 'open' ? 'notice' : 'notice bad'} role="status">
        {now.kind === 'open' ? '' : now.words}
      </p>
    </>
  );
}

/** Every button is a command, which the command line shows. */
function Machine(): JSX.Element {
  const index = run.value;
  const at = index?.duration ?? 0;
  const machines = index?.table('machines', at).map(({ row }) => row) ?? [];
  const chosen = machines.find(({ name }) => name === machine.value);
  const cables = index?.table('cables', at).filter(({ row }) => row.from === chosen?.name) ?? [];
  const isOver = connection.value.kind === 'ended';
  return (
    <div class="inspector">
      <label>
        machine{' '}
        <select
          aria-label="Machine to act on"
          value={machine.value ?? ''}
          onChange={({ currentTarget }) => {
            machine.value = currentTarget.value === '' ? null : currentTarget.value;
          }}
        >
          <option value="">choose, here or in the picture</option>
          {machines.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {chosen === undefined ? null : (
        <>
          <p>
            {chosen.kind}, {chosen.state}
          </p>
          <p class="actions">
            <Act words={`fail ${chosen.name}`} text="fail" isOver={isOver} />
            <Act words={`fail ${chosen.name} --how unplugged`} text="unplug" isOver={isOver} />
            <Act words={`restore ${chosen.name}`} text="restore" isOver={isOver} />
          </p>
          <ul class="cables" aria-label={`Cables of ${chosen.name}`}>
            {cables.map(({ row }) => (
              <li key={row.name}>
                <span class="mono">{row.name}</span> {row.carrier ? 'up' : 'no carrier'}{' '}
                <Act
                  words={`link ${row.name} ${row.carrier ? 'down' : 'up'}`}
                  text={row.carrier ? 'pull' : 'plug in'}
                  isOver={isOver}
                />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Act({
  isOver,
  text,
  words,
}: {
  readonly words: string;
  readonly text: string;
  readonly isOver: boolean;
}): JSX.Element {
  return (
    <button type="button" title={words} disabled={isOver} onClick={() => void type(words)}>
      {text}
    </button>
  );
}

function CommandLine(): JSX.Element {
  const end = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const back = useRef(0);
  const all = said.value;
  useEffect(() => {
    if (end.current !== null) end.current.scrollTop = end.current.scrollHeight;
  }, [all]);
  const recall = (by: number): void => {
    const history = typed.value;
    back.current = Math.min(Math.max(0, back.current + by), history.length);
    if (input.current !== null) input.current.value = history.at(-back.current) ?? '';
    if (back.current === 0 && input.current !== null) input.current.value = '';
  };
  return (
    <div class="terminal">
      <div
        ref={end}
        class="scrollback mono"
        role="log"
        aria-label="Commands and answers"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        tabIndex={0}
      >
        {all.map(({ kind, number, text }) => (
          <pre key={number} class={kind}>
            {text}
          </pre>
        ))}
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const line = input.current?.value.trim() ?? '';
          if (line === '' || input.current === null) return;
          input.current.value = '';
          back.current = 0;
          void type(line);
        }}
      >
        <input
          ref={input}
          id="command"
          class="mono"
          aria-label="Command, such as: fail worker02, oc get pods, arp db"
          placeholder="fail worker02, oc get pods, arp db …"
          autocomplete="off"
          spellcheck={false}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
            event.preventDefault();
            recall(event.key === 'ArrowUp' ? 1 : -1);
          }}
        />
        {underWay.value === null ? null : (
          <button type="button" onClick={() => underWay.value?.abort()}>
            stop
          </button>
        )}
      </form>
    </div>
  );
}

/** Sends a command to the lab and shows what it says. */
async function type(line: string): Promise<void> {
  tell(`$ ${line}`, 'typed');
  typed.value = [...typed.value.filter((each) => each !== line), line].slice(-100);
  const abort = new AbortController();
  underWay.value = abort;
  try {
    const response = await fetch('command', { method: 'POST', body: line, signal: abort.signal });
    if (!response.ok) tell(await response.text(), 'err');
    else await readLines(response, (document) => answer(document));
  } catch {
    tell(abort.signal.aborted ? 'stopped' : 'The lab does not answer.', 'err');
  } finally {
    if (underWay.value === abort) underWay.value = null;
  }
}

function answer(document: unknown): void {
  const { err, exit, out } = document as {
    readonly out?: string;
    readonly err?: string;
    readonly exit?: number;
  };
  if (out !== undefined) tell(out, 'out');
  if (err !== undefined) tell(err, 'err');
  if (exit !== undefined && exit !== 0) tell(`exit code ${exit}`, 'err');
}

function tell(text: string, kind: Said['kind']): void {
  const line = { number: ++lines, text: text.replace(/\n$/, ''), kind };
  said.value = [...said.value, line].slice(-LINE_LIMIT);
}
