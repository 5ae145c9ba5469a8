// Whoami: answers each request with the address it came from and the host that answers, as one line of
// JSON. Over TCP a request is a line, and several may follow each other; a peer that speaks HTTP is
// answered in HTTP, so that `curl` and a browser work on whatever port this is.

import type { NetworkStack } from '../stack/stack.ts';
import type { TcpHandlers } from '../stack/tcp/handlers.ts';
import type { TcpSocket } from '../stack/tcp/socket.ts';
import type { UdpSocket } from '../stack/udp/socket.ts';
import type { Frame } from '../wire/frame.ts';
import { formatIpv4, type Ipv4Address } from '../wire/ipv4-address.ts';
import { type Application, answerDatagram, type ServiceStatistics } from './application.ts';
import { ascii } from './ascii.ts';
import { LineReader } from './lines.ts';
import { Outbox } from './outbox.ts';

const HTTP_REQUEST = /^([A-Z]+) \S+ HTTP\/1\.[01]$/;

/** What the service says. `source` comes first: it is what people look for. */
export interface WhoamiAnswer {
  /** The address the server saw, after any NAT in between. */
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly protocol: 'tcp' | 'udp';
  /** The name of the host that answers: two of them may have one address. */
  readonly host: string;
}

function line(answer: WhoamiAnswer): string {
  return `${JSON.stringify(answer)}\n`;
}

type Mode = 'undecided' | 'lines' | 'http';

class WhoamiSession implements TcpHandlers {
  readonly #lines = new LineReader();
  readonly #outbox: Outbox;
  readonly #statistics: ServiceStatistics;
  readonly #answer: string;
  readonly #take = (_octets: number, text: string): void => this.#takeLine(text);
  #mode: Mode = 'undecided';
  #method = '';

  constructor(connection: TcpSocket, statistics: ServiceStatistics) {
    this.#outbox = new Outbox(connection);
    this.#statistics = statistics;
    this.#answer = line({
      source: formatIpv4(connection.remoteAddress),
      sourcePort: connection.remotePort,
      destination: formatIpv4(connection.localAddress),
      destinationPort: connection.localPort,
      protocol: 'tcp',
      host: connection.host.name,
    });
  }

  onData(_connection: TcpSocket, frame: Frame, offset: number, length: number): void {
    this.#statistics.rxOctets += length;
    this.#lines.read(frame, offset, length, this.#take);
  }

  onWritable(): void {
    this.#outbox.flush();
  }

  onEnd(): void {
    if (this.#lines.pending > 0 && this.#mode !== 'http') this.#say(this.#answer);
    this.#outbox.close();
  }

  #takeLine(text: string): void {
    if (this.#mode === 'undecided') {
      this.#method = HTTP_REQUEST.exec(text)?.[1] ?? '';
      this.#mode = this.#method === '' ? 'lines' : 'http';
    }
    if (this.#mode === 'lines') this.#say(this.#answer);
    else if (text === '') this.#answerHttp();
  }

  /** The end of the request's header: a body, if there is one, is of no interest. */
  #answerHttp(): void {
    const isKnown = this.#method === 'GET' || this.#method === 'HEAD';
    const head = [
      isKnown ? 'HTTP/1.1 200 OK' : 'HTTP/1.1 405 Method Not Allowed',
      'Content-Type: application/json',
      `Content-Length: ${this.#answer.length}`,
      ...(isKnown ? [] : ['Allow: GET, HEAD']),
      'Connection: close',
      '',
      '',
    ].join('\r\n');
    this.#say(this.#method === 'HEAD' ? head : head + this.#answer);
    this.#outbox.close();
  }

  #say(text: string): void {
    this.#statistics.requests++;
    this.#statistics.txOctets += text.length;
    this.#outbox.send(ascii(text));
  }
}

/** Tells who asks from where. */
export class Whoami implements Application {
  readonly #stack: NetworkStack;
  readonly #statistics: ServiceStatistics;

  constructor(stack: NetworkStack, statistics: ServiceStatistics) {
    this.#stack = stack;
    this.#statistics = statistics;
  }

  accept(connection: TcpSocket): TcpHandlers {
    return new WhoamiSession(connection, this.#statistics);
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
    const answer = line({
      source: formatIpv4(source),
      sourcePort,
      destination: formatIpv4(destination),
      destinationPort: socket.localPort,
      protocol: 'udp',
      host: this.#stack.name,
    });
    this.#statistics.requests++;
    this.#statistics.rxOctets += length;
    this.#statistics.txOctets += answer.length;
    answerDatagram(this.#stack, socket, ascii(answer), source, sourcePort, destination);
  }
}
