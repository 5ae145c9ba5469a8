// Discard, RFC 863: what comes is counted and forgotten.

import type { TcpHandlers } from '../stack/tcp/handlers.ts';
import type { TcpSocket } from '../stack/tcp/socket.ts';
import type { UdpSocket } from '../stack/udp/socket.ts';
import type { Frame } from '../wire/frame.ts';
import type { Application, ServiceStatistics } from './application.ts';

/** RFC 863. */
export class Discard implements Application, TcpHandlers {
  readonly #statistics: ServiceStatistics;

  constructor(statistics: ServiceStatistics) {
    this.#statistics = statistics;
  }

  accept(): TcpHandlers {
    this.#statistics.requests++;
    return this;
  }

  onData(_connection: TcpSocket, _frame: Frame, _offset: number, length: number): void {
    this.#statistics.rxOctets += length;
  }

  onEnd(connection: TcpSocket): void {
    connection.close();
  }

  onDatagram(_socket: UdpSocket, _frame: Frame, _offset: number, length: number): void {
    this.#statistics.requests++;
    this.#statistics.rxOctets += length;
  }
}
