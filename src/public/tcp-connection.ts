// A TCP connection from a machine of the lab, held by a test.

import type { Duration } from '../sim/duration.ts';
import { nanosOf } from '../sim/duration.ts';
import type { NetworkStack } from '../stack/stack.ts';
import type { TcpConnection as ConnectionModel } from '../stack/tcp/connection.ts';
import type { TcpHandlers } from '../stack/tcp/handlers.ts';
import type { Frame } from '../wire/frame.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';
import { integerArgument } from './arguments.ts';
import type { Inside } from './inside.ts';

/** How to connect. */
export interface ConnectOptions {
  /** How long `connect` lets time pass at most; 5s when left out. */
  readonly timeout?: Duration;
  /** The source address; the route chooses when left out. */
  readonly source?: string;
}

const DEFAULT_PATIENCE = '5s';

/** A TCP connection from a machine of the lab. You get one from `connect`. */
export class TcpConnection {
  /** The client's address as it sees it itself; NAT may show the server another one. */
  readonly localAddress: string;
  /** The client's port. */
  readonly localPort: number;
  /** The server's address. */
  readonly remoteAddress: string;
  /** The server's port. */
  readonly remotePort: number;
  readonly #inside: Inside;
  readonly #connection: ConnectionModel;
  readonly #decoder = new TextDecoder();
  #received = '';
  #error: string | null = null;
  #ended = false;
  #closed = false;

  private constructor(inside: Inside, open: (handlers: TcpHandlers) => ConnectionModel) {
    this.#inside = inside;
    this.#connection = open({
      onData: (_connection, frame, offset, length) => this.#read(frame, offset, length),
      onEnd: () => {
        this.#ended = true;
      },
      onClosed: (_connection, error) => {
        this.#closed = true;
        this.#error = error;
      },
    });
    const { localAddress, localPort, remoteAddress, remotePort } = this.#connection;
    this.localAddress = formatIpv4(localAddress);
    this.localPort = localPort;
    this.remoteAddress = formatIpv4(remoteAddress);
    this.remotePort = remotePort;
  }

  /** @internal */
  static open(
    inside: Inside,
    stack: NetworkStack,
    to: string,
    port: number,
    { timeout = DEFAULT_PATIENCE, source }: ConnectOptions,
  ): TcpConnection {
    integerArgument('a port', port, 1, 65_535);
    const address = inside.address(to);
    const local = source === undefined ? {} : { localAddress: inside.address(source) };
    const limit = nanosOf(timeout);
    const connection = new TcpConnection(inside, (handlers) =>
      stack.tcp.connect({ address, port, ...local }, handlers),
    );
    inside.lab.advanceUntil(() => connection.#settled, limit);
    return connection;
  }

  /** As `ss` prints it: 'ESTAB', 'SYN-SENT', 'CLOSE-WAIT', 'UNCONN' … */
  get state(): string {
    return this.#connection.state;
  }

  /** Why it broke ('ECONNREFUSED', 'ETIMEDOUT', 'ECONNRESET' …); null while it has not. */
  get error(): string | null {
    return this.#error;
  }

  /** All that has been received so far, as UTF-8 text. */
  get received(): string {
    return this.#received;
  }

  /** The server has said that it has no more to send. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sends text as UTF-8, or octets; no time passes. Returns how many octets were taken. */
  send(data: string | Uint8Array): number {
    return this.#connection.write(typeof data === 'string' ? new TextEncoder().encode(data) : data);
  }

  /** Sends, and lets time pass until something has come back, at most `within` (5s). Returns what came; '' if nothing did. */
  ask(
    data: string | Uint8Array,
    { within = DEFAULT_PATIENCE }: { readonly within?: Duration } = {},
  ): string {
    const limit = nanosOf(within);
    const before = this.#received.length;
    this.send(data);
    this.#inside.lab.advanceUntil(() => this.#received.length > before || this.#closed, limit);
    return this.#received.slice(before);
  }

  /** Says that there is no more to send, and closes. No time passes. */
  close(): void {
    this.#connection.close();
  }

  /** Ends it at once, with a reset. */
  abort(): void {
    this.#connection.abort();
  }

  get #settled(): boolean {
    return this.#closed || this.#connection.isSynchronized;
  }

  #read(frame: Frame, offset: number, length: number): void {
    const octets = frame.bytes.subarray(offset, offset + length);
    this.#received += this.#decoder.decode(octets, { stream: true });
  }
}
