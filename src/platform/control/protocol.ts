// What is said between a typed command and a running lab: one JSON document asks, a stream of JSON
// lines answers, the last of them with an exit code. Private to one version of egresslab.

import { z } from 'zod';
import type { CaptureFormatName } from '../../topology/model.ts';
import { TABLE_NAMES, type TableName } from '../../view/tables.ts';

/** Where it is served. */
export const CONTROL_PATH: readonly string[] = ['egresslab', 'v1'];

/** How often a lab says so when it has nothing else to say. */
export const ALIVE_MILLISECONDS = 1000;
/** A lab that says nothing for so long does not answer. */
export const PATIENCE_MILLISECONDS = 5000;

/** What a command asks of a running lab. */
export type ControlRequest =
  /** An `oc` command, as a shell has split it. */
  | {
      readonly verb: 'oc';
      readonly args: readonly string[];
      /** What stands in the files that it names, by their names. */
      readonly files: Readonly<Record<string, string>>;
    }
  /** A step as in a scenario, without `at`. */
  | { readonly verb: 'step'; readonly step: Readonly<Record<string, unknown>> }
  /** A table's rows, of one machine or segment or of all; answered by a TableView. */
  | { readonly verb: 'view'; readonly table: TableName; readonly of: string | null }
  /** A tool of Linux on a machine: `ip neigh` and the like. */
  | { readonly verb: 'exec'; readonly machine: string; readonly words: readonly string[] }
  /** A list of `ovn-nbctl`, of the database of one node or of all that have the router. */
  | { readonly verb: 'nbctl'; readonly of: string | null; readonly words: readonly string[] }
  /** Why a pod leaves as it does. */
  | { readonly verb: 'why'; readonly pod: string }
  /**
   * The frames of some ports as a capture, until the asker hangs up: pieces of it, and data that says
   * which `ports` and, now and then, how many `frames` so far and how many were `missed`.
   */
  | {
      readonly verb: 'capture';
      /** Selectors; those of the topology when there are none. */
      readonly ports: readonly string[];
      readonly format: CaptureFormatName;
      readonly comments: boolean;
    }
  /** Lines of the timeline as data `{ omitted, entries }`: the last ones so far, then later ones until the asker hangs up. */
  | { readonly verb: 'events'; readonly follow: boolean }
  /** The ports that can be captured, with what they are. */
  | { readonly verb: 'ports' }
  | { readonly verb: 'status' }
  /** The lab is to end as by Ctrl-C. */
  | { readonly verb: 'down' };

/** The shape of a request; bytes from outside are held against it. */
export const controlRequestSchema: z.ZodType<ControlRequest> = z.discriminatedUnion('verb', [
  z.strictObject({
    verb: z.literal('oc'),
    args: z.array(z.string()),
    files: z.record(z.string(), z.string()),
  }),
  z.strictObject({ verb: z.literal('step'), step: z.record(z.string(), z.unknown()) }),
  z.strictObject({
    verb: z.literal('view'),
    table: z.enum(TABLE_NAMES),
    of: z.string().nullable(),
  }),
  z.strictObject({ verb: z.literal('exec'), machine: z.string(), words: z.array(z.string()) }),
  z.strictObject({
    verb: z.literal('nbctl'),
    of: z.string().nullable(),
    words: z.array(z.string()),
  }),
  z.strictObject({ verb: z.literal('why'), pod: z.string() }),
  z.strictObject({
    verb: z.literal('capture'),
    ports: z.array(z.string()),
    format: z.enum(['pcapng', 'pcap', 'text']),
    comments: z.boolean(),
  }),
  z.strictObject({ verb: z.literal('events'), follow: z.boolean() }),
  z.strictObject({ verb: z.literal('ports') }),
  z.strictObject({ verb: z.literal('status') }),
  z.strictObject({ verb: z.literal('down') }),
]);

/** A line of the answer. */
export type ControlMessage =
  /** A piece of standard output, or of standard error. */
  | { readonly out: string }
  | { readonly err: string }
  /** A piece of a capture, in base64. */
  | { readonly octets: string }
  /** An answer that the reader lays out. */
  | { readonly data: unknown }
  /** What was wrong with the command, as an EgressLabError. */
  | {
      readonly problem: {
        readonly code: string;
        readonly message: string;
        readonly hint: string | null;
      };
    }
  /** Nothing new: the lab is there, and the command goes on. */
  | { readonly alive: true }
  /** The last message. */
  | { readonly exit: number };

/** The shape of a line of the answer. */
export const controlMessageSchema: z.ZodType<ControlMessage> = z.union([
  z.object({ out: z.string() }),
  z.object({ err: z.string() }),
  z.object({ octets: z.string() }),
  z.object({
    problem: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }),
  }),
  z.object({ alive: z.literal(true) }),
  z.object({ exit: z.int() }),
  z.object({ data: z.unknown() }),
]);
