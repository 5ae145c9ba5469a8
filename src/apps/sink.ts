// A sink: reads everything, and answers each line or datagram with the number of its octets, so that
// the sender knows what has arrived.

import type { NetworkStack } from '../stack/stack.ts';
import type { TcpHandlers } from '../stack/tcp/handlers.ts';
import type { TcpSocket } from '../stack/tcp/socket.ts';
import type { UdpSocket } from '../stack/udp/socket.ts';
import type { Frame } from '../wire/frame.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import { type Application, answerDatagram, type ServiceStatistics } from './application.ts';
import { ascii } from './ascii.ts';
import { LineReader } from './lines.ts';
import { Outbox } from './outbox.ts';

class SinkSession implements TcpHandlers {
  readonly #lines = new LineReader();
  readonly #outbox: Outbox;
  readonly #statistics: ServiceStatistics;
  readonly #answer = (octets: number): void => this.#acknowledge(octets);

  constructor(connection: TcpSocket, statistics: ServiceStatistics) {
    this.#outbox = new Outbox(connection);
    this.#statistics = statistics;
  }

  onData(_connection: TcpSocket, frame: Frame, offset: number, length: number): void {
    this.#statistics.rxOctets += length;
    this.#lines.read(frame, offset, length, this.#answer);
  }

  onWritable(): void {
    this.#outbox.flush();
  }

  onEnd(): void {
    if (this.#lines.pending > 0) this.#acknowledge(this.#lines.pending);
    this.#outbox.close();
  }

  #acknowledge(octets: number): void {
    const answer = ascii(`${octets}\n`);
    this.#statistics.requests++;
    this.#statistics.txOctets += answer.length;
    this.#outbox.send(answer);
  }
}

/** Counts what it is sent. */
export class Sink implements Application {
  readonly #stack: NetworkStack;
  readonly #statistics: ServiceStatistics;

  constructor(stack: NetworkStack, statistics: ServiceStatistics) {
    this.#stack = stack;
    this.#statistics = statistics;
  }

  accept(connection: TcpSocket): TcpHandlers {
    return new SinkSession(connection, this.#statistics);
  }

  onDatagram(
    socket: UdpSocket,
    _frame: Frame,
    _offset: number,
    length: number,
    source: Ipv4Address,
    sourcePort: number,
    destination: Ipv4Address,
  ): void {
    const answer = ascii(`${length}\n`);
    this.#statistics.requests++;
    this.#statistics.rxOctets += length;
    this.#statistics.txOctets += answer.length;
    answerDatagram(this.#stack, socket, answer, source, sourcePort, destination);
  }
}
