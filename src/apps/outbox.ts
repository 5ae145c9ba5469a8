// Keeps what a connection's send buffer cannot take yet: while something waits, the
// connection is paused, so that a peer that does not read is not read from either.

import type { TcpSocket } from '../stack/tcp/socket.ts';

/** Octets that wait until the connection takes them. */
export class Outbox {
  readonly #connection: TcpSocket;
  #waiting: Uint8Array = new Uint8Array(0);
  #closing = false;

  constructor(connection: TcpSocket) {
    this.#connection = connection;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Copies the octets. */
  send(octets: Uint8Array): void {
    if (!this.isEmpty) {
      this.#waiting = concatenate(this.#waiting, octets);
      return;
    }
    const taken = this.#connection.write(octets);
    if (taken === octets.length) return;
    this.#waiting = octets.slice(taken);
    this.#connection.pause();
  }

  /** Call it from `onWritable`. */
  flush(): void {
    const taken = this.#connection.write(this.#waiting);
    this.#waiting = this.#waiting.subarray(taken);
    if (!this.isEmpty) return;
    if (this.#closing) this.#connection.close();
    else this.#connection.resume();
  }

  /** Closes the connection once everything has been handed to it. */
  close(): void {
    this.#closing = true;
    if (this.isEmpty) this.#connection.close();
  }
}

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
