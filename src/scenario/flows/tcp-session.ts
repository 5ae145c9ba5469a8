// One TCP connection for all requests of a flow, as a database client keeps it. If it breaks, the next
// request opens a new one: the report shows the break as an outage with its errno.

import type { TcpHandlers } from '../../stack/tcp/handlers.ts';
import type { TcpSocket } from '../../stack/tcp/socket.ts';
import type { Frame } from '../../wire/frame.ts';
import type { Requester, RequesterContext } from './requester.ts';
import { Upload } from './upload.ts';

const NEWLINE = 0x0a;

/** Asks again and again on one TCP connection. */
export class TcpSession implements Requester, TcpHandlers {
  readonly #context: RequesterContext;
  #connection: TcpSocket | null = null;
  #connected = false;
  #upload: Upload | null = null;
  /** Requests in the order of asking; the answers come in the same order. */
  #waiting: number[] = [];
  /** Requests whose answer no longer counts but still comes first. */
  readonly #abandoned = new Set<number>();

  constructor(context: RequesterContext) {
    this.#context = context;
  }

  request(id: number): void {
    this.#waiting.push(id);
    if (this.#connection === null) this.#connect();
    else if (this.#connected) this.#ask(id);
  }

  giveUp(id: number): void {
    this.#abandoned.add(id);
  }

  close(): void {
    if (this.#connected) this.#context.connections.ended('closed by the client');
    this.#connection?.close();
    this.#forget();
  }

  onConnected(connection: TcpSocket): void {
    if (connection !== this.#connection) return;
    this.#connected = true;
    this.#upload = new Upload(connection);
    this.#context.connections.opened();
    for (const id of this.#waiting) this.#ask(id);
  }

  onData(connection: TcpSocket, frame: Frame, offset: number, length: number): void {
    if (connection !== this.#connection) return;
    if (this.#context.spec.speaksFirst === 'server') {
      // A server that talks by itself answers everything that has been asked so far.
      while (this.#waiting.length > 0) this.#answerNext();
      return;
    }
    for (let at = offset; at < offset + length; at++) {
      if (frame.view.getUint8(at) === NEWLINE) this.#answerNext();
    }
  }

  onWritable(connection: TcpSocket): void {
    if (connection === this.#connection) this.#upload?.flush();
  }

  onEnd(connection: TcpSocket): void {
    connection.close();
    if (connection === this.#connection) this.#fail('closed by the server');
  }

  onClosed(connection: TcpSocket, error: string | null): void {
    if (connection === this.#connection) this.#fail(error);
  }

  #connect(): void {
    const { stack, spec } = this.#context;
    this.#connected = false;
    this.#connection = stack.tcp.connect(
      {
        address: spec.to,
        port: spec.port ?? 0,
        ...(spec.source === null ? {} : { localAddress: spec.source }),
        ...(spec.sourcePort === null ? {} : { localPort: spec.sourcePort }),
      },
      this,
    );
  }

  #ask(id: number): void {
    const { spec, payload } = this.#context;
    if (spec.speaksFirst === 'client') this.#upload?.send(payload(id));
  }

  #answerNext(): void {
    const id = this.#waiting.shift();
    if (id === undefined) return;
    if (!this.#abandoned.delete(id)) this.#context.outcome.answered(id);
  }

  #fail(why: string | null): void {
    if (this.#connected) this.#context.connections.ended(why ?? 'closed');
    const lost = this.#waiting.filter((id) => !this.#abandoned.has(id));
    this.#forget();
    for (const id of lost) this.#context.outcome.failed(id, why);
  }

  #forget(): void {
    this.#connection = null;
    this.#connected = false;
    this.#upload = null;
    this.#waiting = [];
    this.#abandoned.clear();
  }
}
