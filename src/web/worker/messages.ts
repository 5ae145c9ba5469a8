// What the page and its worker say to each other.

import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { Suggestion } from '../../topology/assist/assist.ts';

/** A topology's text, under the name that messages and captures call it by. */
export interface Job {
  readonly text: string;
  readonly file: string;
}

/** What the page asks for. `id` comes back with the answer. */
export interface Request extends Job {
  readonly kind: 'check' | 'run';
  readonly id: number;
}

/** The same, while somebody writes: what can stand at an offset, and what stands there. */
export interface AssistRequest {
  readonly kind: 'assist';
  readonly id: number;
  readonly text: string;
  readonly offset: number;
}

/** Help at an offset. */
export interface Assistance {
  /** What of a word stands before the offset. */
  readonly word: string;
  readonly suggestions: readonly Suggestion[];
  /** What the key there means; null for what is none. */
  readonly meaning: string | null;
}

/** A run, as octets that travel without a copy. */
export interface RunResult {
  /** An encoded record (scenario/recording/encoding.ts). */
  readonly record: Uint8Array<ArrayBuffer>;
  /** The capture file; null where there is none. */
  readonly capture: { readonly name: string; readonly octets: Uint8Array<ArrayBuffer> } | null;
}

/** What the worker says. */
export type Reply =
  | { readonly kind: 'assisted'; readonly id: number; readonly assistance: Assistance }
  | { readonly kind: 'checked'; readonly id: number; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'progress'; readonly id: number; readonly at: number; readonly of: number }
  | { readonly kind: 'ran'; readonly id: number; readonly result: RunResult }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
