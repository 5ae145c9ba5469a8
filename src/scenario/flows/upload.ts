// A request that may be larger than the connection's send buffer: what it does not take waits.

import type { TcpSocket } from '../../stack/tcp/socket.ts';

/** Hands octets to a connection as it takes them; unlike a server, it goes on reading meanwhile. */
export class Upload {
  readonly #connection: TcpSocket;
  #waiting: Uint8Array[] = [];

  constructor(connection: TcpSocket) {
    this.#connection = connection;
  }

  /** The connection has taken everything. */
  get isDone(): boolean {
    return this.#waiting.length === 0;
  }

  /** Behind what waits already. */
  send(octets: Uint8Array): void {
    this.#waiting.push(octets);
    if (this.#waiting.length === 1) this.flush();
  }

  /** Call it from `onWritable`. */
  flush(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      const taken = this.#connection.write(next);
      if (taken < next.length) {
        this.#waiting[0] = next.subarray(taken);
        return;
      }
      this.#waiting.shift();
    }
  }
}
