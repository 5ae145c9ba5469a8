// What all servers of the lab have in common: they listen on 127.0.0.1 alone, say in one way why they
// cannot, and end in a bounded time.

import { once } from 'node:events';
import type { Server } from 'node:http';
import { EgressLabError } from '../base/errors.ts';
import { errnoOf, explainErrno } from './errno.ts';

/** What is still open then is cut. */
const GOODBYE_MILLISECONDS = 500;

/**
 * Listens, and returns the port. `port`: 0 for any free one; `option` names it on the command line.
 *
 * @throws EgressLabError EGL_PORT_IN_USE, EGL_LISTEN
 */
export async function listenOnLoopback(
  server: Pick<Server, 'address' | 'listen' | 'once'> & NodeJS.EventEmitter,
  port: number,
  option: string,
): Promise<number> {
  try {
    server.listen({ host: '127.0.0.1', port });
    await once(server, 'listening');
  } catch (cause) {
    const code = errnoOf(cause) === 'EADDRINUSE' ? 'EGL_PORT_IN_USE' : 'EGL_LISTEN';
    const why = code === 'EGL_PORT_IN_USE' ? 'it is in use' : explainErrno(cause);
    throw new EgressLabError(code, `cannot listen on 127.0.0.1:${port}: ${why}`, {
      hint: `Leave ${option} out to get a free one.`,
      fault: 'environment',
      cause,
    });
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Listens no more, and ends what is open: at once where nothing is under way, else soon. */
export async function closeServer(
  server: Pick<Server, 'close' | 'closeAllConnections' | 'closeIdleConnections'>,
): Promise<void> {
  const closed = new Promise((resolve) => {
    server.close(resolve);
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GOODBYE_MILLISECONDS);
  await closed;
  clearTimeout(timer);
}
