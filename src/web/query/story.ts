// The report as sentences, each with the instant it is about.

import type { RunReport } from '../../scenario/report.ts';
import { formatSeconds } from '../../sim/time.ts';

/** One sentence. */
export interface StorySentence {
  readonly at: number;
  /** Index in the timeline; null for what the analysis or an expectation says. */
  readonly event: number | null;
  readonly source: string;
  readonly text: string;
  readonly mood: 'plain' | 'good' | 'bad' | 'warn';
}

/** What went wrong and why, in the order of time. */
export function analysisSentences({ analysis }: RunReport): StorySentence[] {
  if (analysis === null) return [];
  const found: StorySentence[] = [];
  for (const { address, blackHoles, duplicates, moves } of analysis.addresses) {
    for (const { answers, flips, from, kind, machines, to } of duplicates) {
      const until = to === null ? 'the end' : formatSeconds(to);
      const who = machines.map((name, at) => `${name} (${answers[at] ?? 0} ARP answers)`);
      const text = `${kind}: ${who.join(' and ')} both have it until ${until}; entries changed over ${flips} times`;
      found.push(sentence(from, address, text, kind === 'conflict' ? 'bad' : 'warn'));
    }
    for (const { clean, from, taken, to } of moves) {
      const verdict = clean ? 'a clean failover' : 'a conflict';
      found.push(sentence(taken, address, `${to} took it from ${from}: ${verdict}`, moodOf(clean)));
    }
    for (const { flows, from, text, to } of blackHoles) {
      const until = to === null ? 'the end' : formatSeconds(to);
      const whose = flows.length === 0 ? '' : ` (${flows.join(', ')})`;
      found.push(sentence(from, address, `black hole until ${until}: ${text}${whose}`, 'bad'));
    }
  }
  for (const { ended, flow, from, stages, to } of analysis.flows) {
    for (const stage of stages) {
      const length = formatSeconds(stage.to - stage.from);
      found.push(sentence(stage.from, flow, `${stage.text} (${length} s)`, 'warn'));
    }
    found.push(sentence(to ?? from, flow, ended, to === null ? 'bad' : 'plain'));
  }
  return found.sort((a, b) => a.at - b.at);
}

/** What was expected, and whether it held. */
export function expectationSentences({ expectations }: RunReport): StorySentence[] {
  return expectations.map(({ at, saw, text, verdict }) => {
    const seen = saw.length === 0 ? '' : `; saw: ${saw.join('; ')}`;
    const mood = verdict === 'held' ? 'good' : verdict === 'failed' ? 'bad' : 'warn';
    return sentence(at, verdict, `${text}${seen}`, mood);
  });
}

/** What happened. */
export function timelineSentences({ timeline }: RunReport): StorySentence[] {
  return timeline.map(({ at, source, text }, event) => ({
    at,
    event,
    source,
    text,
    mood: 'plain',
  }));
}

function sentence(
  at: number,
  source: string,
  text: string,
  mood: StorySentence['mood'],
): StorySentence {
  return { at, event: null, source, text, mood };
}

function moodOf(clean: boolean): StorySentence['mood'] {
  return clean ? 'good' : 'bad';
}
