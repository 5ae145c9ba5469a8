// The log made readable: events that have a sentence, as they happen.

import type { LabEvent } from '../../lab/events.ts';
import type { Scene } from '../../sim/sentence.ts';
import type { TimelineEntry } from '../report.ts';
import { sentenceOf } from './sentences.ts';

/** No one reads more than this; the rest is counted. */
const MAXIMUM_ENTRIES = 100_000;

/** The lines so far; each is also given to a listener as it comes. */
export class Timeline {
  readonly entries: TimelineEntry[] = [];
  readonly #scene: Scene;
  readonly #listeners = new Set<(entry: TimelineEntry) => void>();
  /** Entries that found no room. */
  omitted = 0;

  constructor(scene: Scene, onEntry: ((entry: TimelineEntry) => void) | null) {
    this.#scene = scene;
    if (onEntry !== null) this.#listeners.add(onEntry);
  }

  /** Calls `listener` for each later entry, until the returned function is called. */
  follow(listener: (entry: TimelineEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds the event if it has something to say. */
  observe(event: LabEvent): void {
    const text = sentenceOf(event, this.#scene);
    if (text === null) return;
    if (this.entries.length >= MAXIMUM_ENTRIES) {
      this.omitted++;
      return;
    }
    const { at, source, kind, fields } = event;
    const entry: TimelineEntry = { at, source, kind, text: oneLine(text), fields };
    this.entries.push(entry);
    for (const listener of this.#listeners) listener(entry);
  }
}

/** A command may have been typed over several lines. */
function oneLine(text: string): string {
  return text.includes('\n') ? text.trim().replace(/\s*\n\s*/g, ' ') : text;
}
