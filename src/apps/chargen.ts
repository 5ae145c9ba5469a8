// Character generator, RFC 864: speaks first, and goes on until the peer closes. One line of 72
// characters every 100 ms, not as fast as the peer reads: a lab has better things to do.

import type { Scheduler, Timer } from '../sim/scheduler.ts';
import { millis, type Nanos } from '../sim/time.ts';
import type { NetworkStack } from '../stack/stack.ts';
import type { TcpHandlers } from '../stack/tcp/handlers.ts';
import type { TcpSocket } from '../stack/tcp/socket.ts';
import type { UdpSocket } from '../stack/udp/socket.ts';
import type { Frame } from '../wire/frame.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import { type Application, answerDatagram, type ServiceStatistics } from './application.ts';
import { ascii } from './ascii.ts';

const INTERVAL: Nanos = millis(100);
const FIRST_CHARACTER = 0x20;
/** Space to tilde. */
const CHARACTERS = 95;
const LINE_LENGTH = 72;

/** Line number `index` of the pattern, each beginning one character later. */
function patternLine(index: number): Uint8Array {
  let line = '';
  for (let i = 0; i < LINE_LENGTH; i++) {
    line += String.fromCharCode(FIRST_CHARACTER + ((index + i) % CHARACTERS));
  }
  return ascii(`${line}\r\n`);
}

class ChargenSession implements TcpHandlers {
  readonly #connection: TcpSocket;
  readonly #scheduler: Scheduler;
  readonly #statistics: ServiceStatistics;
  #timer: Timer | null = null;
  #next = 0;

  constructor(connection: TcpSocket, statistics: ServiceStatistics) {
    this.#connection = connection;
    this.#scheduler = connection.host.scheduler;
    this.#statistics = statistics;
    this.#timer = this.#scheduler.after(0, speak, this, null);
  }

  /** Called by the timer. What the send buffer cannot take is left out. */
  speak(): void {
    if (!this.#connection.isOpen) return;
    const line = patternLine(this.#next++);
    if (this.#connection.room >= line.length) {
      this.#statistics.txOctets += this.#connection.write(line);
    }
    this.#timer = this.#scheduler.after(INTERVAL, speak, this, null);
  }

  onData(_connection: TcpSocket, _frame: Frame, _offset: number, length: number): void {
    this.#statistics.rxOctets += length;
  }

  onEnd(connection: TcpSocket): void {
    connection.close();
  }

  onClosed(): void {
    if (this.#timer !== null) this.#scheduler.cancel(this.#timer);
    this.#timer = null;
  }
}

function speak(session: ChargenSession): void {
  session.speak();
}

/** RFC 864. */
export class Chargen implements Application {
  readonly #stack: NetworkStack;
  readonly #statistics: ServiceStatistics;
  #next = 0;

  constructor(stack: NetworkStack, statistics: ServiceStatistics) {
    this.#stack = stack;
    this.#statistics = statistics;
  }

  accept(connection: TcpSocket): TcpHandlers {
    this.#statistics.requests++;
    return new ChargenSession(connection, this.#statistics);
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
    const line = patternLine(this.#next++);
    this.#statistics.requests++;
    this.#statistics.rxOctets += length;
    this.#statistics.txOctets += line.length;
    answerDatagram(this.#stack, socket, line, source, sourcePort, destination);
  }
}
