// Who is connected. Anybody on the machine can open a connection; a *stranger* is one on which nobody
// has shown the token yet. Strangers have a small room of their own, from which the oldest goes first,
// so that they can never keep out those who know the token.

import type { Socket } from 'node:net';

/** How many connections may be open at once. */
export interface ConnectionLimits {
  /** On which no request has carried the token yet. */
  readonly strangers: number;
  /** On which one has. */
  readonly known: number;
}

/** A connection on which the token was shown. */
interface Known {
  readonly socket: Socket;
  /** Requests that are being answered. */
  busy: number;
}

/** The connections of one listener. */
export class ConnectionPool {
  readonly #limits: ConnectionLimits;
  /** By remote address and port, oldest first. */
  readonly #strangers = new Map<string, Socket>();
  readonly #known = new Map<string, Known>();
  /** Strangers that had to make room. */
  evicted = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Connections that are open, by who they are. */
  get open(): ConnectionLimits {
    return { strangers: this.#strangers.size, known: this.#known.size };
  }

  /** A connection was accepted, TLS not yet spoken. */
  accept(socket: Socket): void {
    const key = keyOf(socket);
    this.#strangers.set(key, socket);
    socket.once('close', () => {
      if (this.#strangers.get(key) === socket) this.#strangers.delete(key);
      if (this.#known.get(key)?.socket === socket) this.#known.delete(key);
    });
    if (this.#strangers.size > this.#limits.strangers) this.#evict();
  }

  /** A request with the token came; false when there is no room for one more that is at work. */
  begin(socket: Socket): boolean {
    const key = keyOf(socket);
    const known = this.#known.get(key);
    if (known !== undefined) {
      known.busy++;
      return true;
    }
    const stranger = this.#strangers.get(key);
    if (stranger === undefined) return false;
    if (this.#known.size >= this.#limits.known && !this.#closeIdle()) return false;
    this.#strangers.delete(key);
    this.#known.set(key, { socket: stranger, busy: 1 });
    return true;
  }

  /** The request that `begin` was called for has been answered. */
  end(socket: Socket): void {
    const known = this.#known.get(keyOf(socket));
    if (known !== undefined) known.busy--;
  }

  /** The oldest stranger of the address that has the most goes. */
  #evict(): void {
    const counts = new Map<string, number>();
    let most = '';
    for (const { remoteAddress = '' } of this.#strangers.values()) {
      const count = (counts.get(remoteAddress) ?? 0) + 1;
      counts.set(remoteAddress, count);
      if (count > (counts.get(most) ?? 0)) most = remoteAddress;
    }
    for (const [key, socket] of this.#strangers) {
      if ((socket.remoteAddress ?? '') !== most) continue;
      this.evicted++;
      this.#strangers.delete(key);
      socket.destroy();
      return;
    }
  }

  /** A connection that is kept for later requests can be opened again. */
  #closeIdle(): boolean {
    for (const [key, { busy, socket }] of this.#known) {
      if (busy > 0) continue;
      this.#known.delete(key);
      socket.destroy();
      return true;
    }
    return false;
  }
}

/** A TLS socket and the TCP socket below it have the same. */
function keyOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
