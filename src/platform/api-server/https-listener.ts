// The listening socket: TLS on 127.0.0.1, with a bound on everything a client can take up: connections,
// the time for a handshake, for headers and for a whole request, the size of headers.

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { EgressLabError } from '../../base/errors.ts';
import * as status from '../../kube/server/status.ts';
import { errnoOf, explainErrno } from '../errno.ts';
import type { Certificate } from './certificate.ts';
import { Exchange } from './exchange.ts';
import { refusalOf } from './gate.ts';
import { StreamRegistry } from './reply-stream.ts';

/** What a listener is made from. */
export interface ListenerOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly token: string;
  readonly certificate: Certificate;
  /** Answers what the gate let through. */
  readonly serve: (exchange: Exchange) => Promise<void> | void;
  readonly limits?: Partial<ListenerLimits>;
}

/** How much it takes at once. */
export interface ListenerLimits {
  readonly streams: number;
  readonly connections: number;
  readonly headersMilliseconds: number;
  readonly requestMilliseconds: number;
}

const LIMITS: ListenerLimits = {
  streams: 1024,
  connections: 1280,
  headersMilliseconds: 10_000,
  requestMilliseconds: 30_000,
};

const MAX_HEADER_OCTETS = 16 * 1024;
/** What is still open then is cut. */
const GOODBYE_MILLISECONDS = 500;

/** The one port of a live lab, on 127.0.0.1. */
export class HttpsListener {
  readonly streams: StreamRegistry;
  readonly #server: Server;
  readonly #options: ListenerOptions;

  constructor(options: ListenerOptions) {
    this.#options = options;
    const limits = { ...LIMITS, ...options.limits };
    const { certificate, privateKey } = options.certificate;
    this.streams = new StreamRegistry(limits.streams);
    this.#server = createServer(
      {
        cert: certificate,
        key: privateKey,
        handshakeTimeout: limits.headersMilliseconds,
        headersTimeout: limits.headersMilliseconds,
        requestTimeout: limits.requestMilliseconds,
        connectionsCheckingInterval: Math.ceil(limits.headersMilliseconds / 2),
        keepAliveTimeout: 60_000,
        maxHeaderSize: MAX_HEADER_OCTETS,
        noDelay: true,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.maxConnections = limits.connections;
  }

  /** The port, once it listens. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** @throws EgressLabError EGL_PORT_IN_USE and EGL_LISTEN */
  async open(): Promise<void> {
    const { port } = this.#options;
    try {
      this.#server.listen({ host: '127.0.0.1', port });
      await once(this.#server, 'listening');
    } catch (error) {
      const code = errnoOf(error) === 'EADDRINUSE' ? 'EGL_PORT_IN_USE' : 'EGL_LISTEN';
      const why = code === 'EGL_PORT_IN_USE' ? 'it is in use' : explainErrno(error);
      throw new EgressLabError(code, `cannot listen on 127.0.0.1:${port}: ${why}`, {
        hint: 'Leave --port out to get a free one.',
        fault: 'environment',
        cause: error,
      });
    }
  }

  /** Ends every stream and every connection. */
  async close(): Promise<void> {
    this.streams.endAll();
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), GOODBYE_MILLISECONDS);
    await closed;
    clearTimeout(timer);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that goes away is no news.
    response.on('error', () => {});
    const exchange = new Exchange(request, response, this.streams);
    const refusal = refusalOf(request, this.port, this.#options.token);
    if (refusal !== null) {
      response.setHeader('Connection', 'close');
      exchange.fail(refusal);
      return;
    }
    try {
      await this.#options.serve(exchange);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // A stream that has begun can only break off.
      if (response.headersSent) response.destroy();
      else exchange.fail(status.internalError(message));
    }
  }
}
