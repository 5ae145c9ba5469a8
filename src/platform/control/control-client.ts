// A command's end of the talk with a running lab. The lab is recognized by its certificate: another
// server on the same port never sees the token.

import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { EgressLabError } from '../../base/errors.ts';
import { explainErrno } from '../errno.ts';
import type { LabEntry } from './lab-entry.ts';
import {
  CONTROL_PATH,
  type ControlMessage,
  type ControlRequest,
  controlMessageSchema,
  PATIENCE_MILLISECONDS,
} from './protocol.ts';

/**
 * Asks a lab and hands over each message as it comes, the last one with an exit code. A promise that
 * `onMessage` returns is waited for: meanwhile the lab sends no more than fits into its queue.
 * @throws EgressLabError EGL_LAB_UNREACHABLE
 */
export async function askLab(
  lab: LabEntry,
  request: ControlRequest,
  onMessage: (message: ControlMessage) => Promise<void> | void,
  signal: AbortSignal,
): Promise<void> {
  const response = await send(lab, request, signal);
  if (response.statusCode !== 200) {
    response.resume();
    throw unreachable(lab, `it answered ${response.statusCode}`, null);
  }
  try {
    response.setTimeout(PATIENCE_MILLISECONDS, () => response.destroy(silent(lab)));
    for await (const line of linesOf(response)) {
      const pending = onMessage(controlMessageSchema.parse(JSON.parse(line)));
      if (pending === undefined) continue;
      // Nobody reads meanwhile, which is not the lab's silence.
      response.socket.setTimeout(0);
      await pending;
      response.socket.setTimeout(PATIENCE_MILLISECONDS);
    }
  } catch (error) {
    if (error instanceof EgressLabError) throw error;
    if (!signal.aborted) throw unreachable(lab, 'it went away in the middle', error);
  }
}

/** Whole lines, and no more of the response in memory than a chunk and a line. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function send(lab: LabEntry, body: ControlRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { port } = lab;
  if (port === null) {
    const hint = `Try again in a moment, or end it with: egresslab down --force --lab ${lab.name}`;
    throw new EgressLabError('EGL_LAB_UNREACHABLE', `the lab "${lab.name}" is starting`, { hint });
  }
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown): void =>
      reject(
        error instanceof EgressLabError ? error : unreachable(lab, explainErrno(error), error),
      );
    try {
      const text = JSON.stringify(body);
      const request = httpsRequest(
        {
          host: '127.0.0.1',
          port,
          path: `/${CONTROL_PATH.join('/')}`,
          method: 'POST',
          ca: readFileSync(lab.certificateFile),
          headers: {
            authorization: `Bearer ${readFileSync(lab.tokenFile, 'utf8')}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          },
          agent: false,
          signal,
        },
        resolve,
      );
      request.setTimeout(PATIENCE_MILLISECONDS, () => request.destroy(silent(lab)));
      request.on('error', refuse);
      request.end(text);
    } catch (error) {
      refuse(error);
    }
  });
}

function silent(lab: LabEntry): EgressLabError {
  return unreachable(lab, `it has said nothing for ${PATIENCE_MILLISECONDS / 1000} s`, null);
}

function unreachable(lab: LabEntry, why: string, cause: unknown): EgressLabError {
  const message = `the lab "${lab.name}" does not answer on port ${lab.port}: ${why}`;
  return new EgressLabError('EGL_LAB_UNREACHABLE', message, {
    hint: `Its process is ${lab.pid}; end it with: egresslab down --force --lab ${lab.name}`,
    fault: 'environment',
    cause,
  });
}
