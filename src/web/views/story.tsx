// The story: how it ended, what went wrong and why, what was expected, what happened. Each sentence moves the
// cursor to its instant.

import type { JSX } from 'preact';
import {
  analysisSentences,
  expectationSentences,
  type StorySentence,
  timelineSentences,
} from '../query/story.ts';
import { cursor, isLive, moveTo, moveToEvent, run } from '../state.ts';
import { millis } from './format.ts';

/** All of it, the timeline last. */
export function StoryView(): JSX.Element | null {
  const index = run.value;
  if (index === null) return null;
  const { report } = index.record;
  return (
    <div class="story">
      <p>
        {isLive.value ? (
          <strong class="outcome">live</strong>
        ) : (
          <strong class={`outcome outcome-${report.outcome}`}>{report.outcome}</strong>
        )}{' '}
        {report.topology.description}
      </p>
      {report.problems.map(({ at, code, hint, message }) => (
        <p class="bad" key={`${code} ${at}`}>
          Stopped at {millis(at)} s: {message} ({code}){hint === null ? '' : ` — ${hint}`}
        </p>
      ))}
      <Sentences name="What went wrong, and why" sentences={analysisSentences(report)} />
      <Sentences name="Expectations" sentences={expectationSentences(report)} />
      <Flows />
      <Sentences name="Timeline" sentences={timelineSentences(report)} />
    </div>
  );
}

function Sentences({
  name,
  sentences,
}: {
  readonly name: string;
  readonly sentences: readonly StorySentence[];
}): JSX.Element | null {
  if (sentences.length === 0) return null;
  const now = cursor.value;
  return (
    <>
      <h2>{name}</h2>
      <ol class="sentences" aria-label={name}>
        {sentences.map((sentence, at) => (
          <li key={at}>
            <button
              type="button"
              class={`sentence ${sentence.mood}`}
              aria-current={sentence.event !== null && sentence.event === now.event}
              onClick={() => {
                if (sentence.event === null) moveTo(sentence.at);
                else moveToEvent(sentence.event);
              }}
            >
              <span class="time">{millis(sentence.at)}</span>
              <span class="source">{sentence.source}</span>
              <span>{sentence.text}</span>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}

function Flows(): JSX.Element | null {
  const flows = run.value?.record.report.flows ?? [];
  if (flows.length === 0) return null;
  return (
    <>
      <h2>Flows</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">flow</th>
            <th scope="col">way</th>
            <th scope="col">sent</th>
            <th scope="col">answered</th>
            <th scope="col">lost</th>
            <th scope="col">longest outage</th>
          </tr>
        </thead>
        <tbody>
          {flows.map(({ answered, from, longestOutage, lost, name, protocol, sent, to }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                {from} → {to}, {protocol}
              </td>
              <td>{sent}</td>
              <td>{answered}</td>
              <td class={lost > 0 ? 'bad' : ''}>{lost}</td>
              <td>{longestOutage === 0 ? '–' : `${millis(longestOutage)} s`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
