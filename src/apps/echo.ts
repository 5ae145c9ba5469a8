// Echo, RFC 862: what comes goes back.

import type { NetworkStack } from '../stack/stack.ts';
import type { TcpHandlers } from '../stack/tcp/handlers.ts';
import type { TcpSocket } from '../stack/tcp/socket.ts';
import type { UdpSocket } from '../stack/udp/socket.ts';
import type { Frame } from '../wire/frame.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import { type Application, answerDatagram, type ServiceStatistics } from './application.ts';
import { Outbox } from './outbox.ts';

class EchoSession implements TcpHandlers {
  readonly #outbox: Outbox;
  readonly #statistics: ServiceStatistics;

  constructor(connection: TcpSocket, statistics: ServiceStatistics) {
    this.#outbox = new Outbox(connection);
    this.#statistics = statistics;
  }

  onData(_connection: TcpSocket, frame: Frame, offset: number, length: number): void {
    this.#statistics.rxOctets += length;
    this.#statistics.txOctets += length;
    this.#outbox.send(frame.bytes.subarray(offset, offset + length));
  }

  onWritable(): void {
    this.#outbox.flush();
  }

  onEnd(): void {
    this.#outbox.close();
  }
}

/** RFC 862. */
export class Echo implements Application {
  readonly #stack: NetworkStack;
  readonly #statistics: ServiceStatistics;

  constructor(stack: NetworkStack, statistics: ServiceStatistics) {
    this.#stack = stack;
    this.#statistics = statistics;
  }

  accept(connection: TcpSocket): TcpHandlers {
    this.#statistics.requests++;
    return new EchoSession(connection, this.#statistics);
  }

  onDatagram(
    socket: UdpSocket,
    frame: Frame,
    offset: number,
    length: number,
    source: Ipv4Address,
    sourcePort: number,
    destination: Ipv4Address,
  ): void {
    this.#statistics.requests++;
    this.#statistics.rxOctets += length;
    this.#statistics.txOctets += length;
    const octets = frame.bytes.subarray(offset, offset + length);
    answerDatagram(this.#stack, socket, octets, source, sourcePort, destination);
  }
}
