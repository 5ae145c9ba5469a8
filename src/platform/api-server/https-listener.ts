// The listening socket: TLS on 127.0.0.1, with a bound on everything a client can take up: connections,
// the time for a handshake, for headers and for a whole request, the size of headers.

import { type IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { Socket } from 'node:net';
import * as status from '../../kube/server/status.ts';
import { closeServer, listenOnLoopback } from '../loopback.ts';
import { Backlog } from './backlog.ts';
import { BodyRoom } from './body-room.ts';
import type { Certificate } from './certificate.ts';
import { ChannelSockets, type UpgradeRequest } from './channel-socket.ts';
import { type ConnectionLimits, ConnectionPool } from './connections.ts';
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
export interface ListenerLimits extends ConnectionLimits {
  readonly streams: number;
  /** Of answers that are written and unread, in all. */
  readonly backlogOctets: number;
  /** Of request bodies that are arriving, in all. */
  readonly bodyOctets: number;
  readonly headersMilliseconds: number;
  readonly requestMilliseconds: number;
}

const LIMITS: ListenerLimits = {
  streams: 1024,
  strangers: 256,
  known: 1280,
  backlogOctets: 96 * 1024 * 1024,
  bodyOctets: 48 * 1024 * 1024,
  headersMilliseconds: 10_000,
  requestMilliseconds: 30_000,
};

const MAX_HEADER_OCTETS = 16 * 1024;

/** The one port of a live lab, on 127.0.0.1. */
export class HttpsListener {
  readonly streams: StreamRegistry;
  readonly connections: ConnectionPool;
  readonly #bodies: BodyRoom;
  readonly #channels = new ChannelSockets();
  /** Connections that the server no longer counts as its own. */
  readonly #upgraded = new Set<Socket>();
  readonly #server: Server;
  readonly #options: ListenerOptions;

  constructor(options: ListenerOptions) {
    this.#options = options;
    const limits = { ...LIMITS, ...options.limits };
    const { certificate, privateKey } = options.certificate;
    this.streams = new StreamRegistry(limits.streams, new Backlog(limits.backlogOctets));
    this.connections = new ConnectionPool(limits);
    this.#bodies = new BodyRoom(limits.bodyOctets);
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
    this.#server.on('upgrade', (request, socket, head) => {
      if (socket instanceof Socket) this.#upgrade({ request, socket, head });
    });
    // The TCP socket, before any TLS: a stranger is counted from its first octet on.
    this.#server.on('connection', (socket) => {
      if (socket instanceof Socket) this.connections.accept(socket);
    });
  }

  /** The port, once it listens. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** @throws EgressLabError EGL_PORT_IN_USE and EGL_LISTEN */
  async open(): Promise<void> {
    await listenOnLoopback(this.#server, this.#options.port, '--port');
  }

  /** Ends every stream and every connection. */
  async close(): Promise<void> {
    this.streams.endAll();
    for (const socket of this.#upgraded) socket.destroy();
    await closeServer(this.#server);
  }

  /** The connection carries this one request: it is answered as any other, or is no longer HTTP. */
  #upgrade(upgrade: UpgradeRequest): void {
    const { request, socket } = upgrade;
    this.#upgraded.add(socket);
    socket.once('close', () => this.#upgraded.delete(socket));
    socket.on('error', () => {});
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once('finish', () => socket.destroySoon());
    void this.#answer(request, response, upgrade);
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    upgrade: UpgradeRequest | null = null,
  ): Promise<void> {
    // A client that goes away is no news.
    response.on('error', () => {});
    const shared = { streams: this.streams, bodies: this.#bodies, channels: this.#channels };
    const exchange = new Exchange(request, response, shared, upgrade);
    const refusal = refusalOf(request, this.port, this.#options.token);
    if (refusal !== null) {
      response.setHeader('Connection', 'close');
      exchange.fail(refusal);
      return;
    }
    const { socket } = request;
    if (!this.connections.begin(socket)) {
      response.setHeader('Connection', 'close');
      exchange.fail(status.tooManyRequests('connections'));
      return;
    }
    // What is no longer HTTP has no answer that ends.
    (upgrade === null ? response : socket).once('close', () => this.connections.end(socket));
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
