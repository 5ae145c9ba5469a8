// A TCP connection per request: connect, ask, read the first octets of the answer, close.

import type { TcpHandlers } from '../../stack/tcp/handlers.ts';
import type { TcpSocket } from '../../stack/tcp/socket.ts';
import type { Requester, RequesterContext } from './requester.ts';
import { Upload } from './upload.ts';

/** Asks by a TCP connection for each request. */
export class TcpRequester implements Requester, TcpHandlers {
  readonly #context: RequesterContext;
  readonly #open = new Map<TcpSocket, number>();
  /** What the connections have not taken yet. */
  readonly #uploads = new Map<TcpSocket, Upload>();

  constructor(context: RequesterContext) {
    this.#context = context;
  }

  request(id: number): void {
    const { stack, spec } = this.#context;
    const connection = stack.tcp.connect(
      {
        address: spec.to,
        port: spec.port ?? 0,
        ...(spec.source === null ? {} : { localAddress: spec.source }),
        ...(spec.sourcePort === null ? {} : { localPort: spec.sourcePort }),
      },
      this,
    );
    this.#open.set(connection, id);
  }

  giveUp(id: number): void {
    for (const [connection, other] of this.#open) {
      if (other !== id) continue;
      this.#open.delete(connection);
      connection.abort();
      return;
    }
  }

  close(): void {
    for (const connection of this.#open.keys()) connection.abort();
    this.#open.clear();
  }

  onConnected(connection: TcpSocket): void {
    const id = this.#open.get(connection);
    const { spec, payload } = this.#context;
    if (id === undefined || spec.speaksFirst === 'server') return;
    const upload = new Upload(connection);
    upload.send(payload(id));
    if (!upload.isDone) this.#uploads.set(connection, upload);
  }

  onWritable(connection: TcpSocket): void {
    const upload = this.#uploads.get(connection);
    upload?.flush();
    if (upload?.isDone === true) this.#uploads.delete(connection);
  }

  onData(connection: TcpSocket): void {
    const id = this.#open.get(connection);
    if (id === undefined) return;
    this.#open.delete(connection);
    this.#context.outcome.answered(id);
    connection.close();
  }

  onEnd(connection: TcpSocket): void {
    const id = this.#open.get(connection);
    if (id === undefined) return;
    this.#open.delete(connection);
    this.#context.outcome.failed(id, 'closed without an answer');
    connection.close();
  }

  onClosed(connection: TcpSocket, error: string | null): void {
    this.#uploads.delete(connection);
    const id = this.#open.get(connection);
    if (id === undefined) return;
    this.#open.delete(connection);
    this.#context.outcome.failed(id, error);
  }
}
