// Who may ask at all. The server listens on 127.0.0.1 only, but every program and every web page on
// the machine can reach that: a foreign Host header is DNS rebinding, and without the token of the run
// nothing is revealed.

import type { IncomingMessage } from 'node:http';
import type { Status } from '../../kube/server/status.ts';
import * as status from '../../kube/server/status.ts';
import { carriesToken } from './token.ts';

const HOSTS: readonly string[] = ['127.0.0.1', 'localhost'];

/** Null for a request that may go on. */
export function refusalOf(request: IncomingMessage, port: number, token: string): Status | null {
  const { authorization, host = '' } = request.headers;
  const known = HOSTS.some((name) => host.toLowerCase() === `${name}:${port}`);
  if (!known) return status.forbidden(`this server is not ${JSON.stringify(host)}`);
  return carriesToken(authorization, token) ? null : status.unauthorized();
}
