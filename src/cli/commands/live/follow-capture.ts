// A capture of a running lab, as it comes: for `egresslab capture` and for Wireshark's extcap.

import { z } from 'zod';
import { EgressLabError } from '../../../base/errors.ts';
import type { ByteSink } from '../../../capture/sink.ts';
import type { LabEntry } from '../../../platform/control/lab-entry.ts';
import type { ControlMessage } from '../../../platform/control/protocol.ts';
import type { CaptureFormatName } from '../../../topology/model.ts';
import type { CaptureTarget } from '../../capture-target.ts';
import { problemOf } from './ask.ts';

/** Where octets go, and when there is room for more. */
export interface CapturePlace {
  readonly sink: ByteSink;
  /** Null: there is room. */
  drained(): Promise<void> | null;
}

/** How many frames came, and how many were left out because nobody took them in time. */
export interface SeenFrames {
  readonly frames: number;
  readonly missed: number;
}

/** Also a place for who reads octets as they come. */
export function placeOf(target: CaptureTarget): CapturePlace {
  const { sink } = target.destination('waits');
  return { sink, drained: () => target.drained() };
}

const newsSchema = z.object({ frames: z.number(), missed: z.number() });

/**
 * Hands over what a lab captures until the lab ends or the signal is aborted.
 * @throws EgressLabError EGL_UNKNOWN_PORT, EGL_LAB_UNREACHABLE for a lab that was killed
 */
export async function followCapture(
  entry: LabEntry,
  wish: {
    readonly ports: readonly string[];
    readonly format: CaptureFormatName;
    readonly comments: boolean;
  },
  { drained, sink }: CapturePlace,
  signal: AbortSignal,
): Promise<SeenFrames> {
  const { askLab } = await import('../../../platform/control/control-client.ts');
  const { comments, format, ports } = wish;
  let seen: SeenFrames = { frames: 0, missed: 0 };
  let problem: EgressLabError | null = null;
  const onMessage = (message: ControlMessage): Promise<void> | void => {
    if ('octets' in message) {
      sink.write(Buffer.from(message.octets, 'base64'));
      return drained() ?? undefined;
    }
    if ('problem' in message) problem = problemOf(message.problem);
    if ('data' in message) seen = newsSchema.safeParse(message.data).data ?? seen;
  };
  try {
    await askLab(entry, { verb: 'capture', ports, format, comments }, onMessage, signal);
  } catch (error) {
    if (!signal.aborted || !(error instanceof EgressLabError)) throw error;
  }
  if (problem !== null) throw problem;
  return seen;
}
