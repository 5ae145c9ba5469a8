// The health check of egress nodes on the wire: gRPC (grpc.health.v1) over HTTP/2 (RFC 9113) on one TCP
// connection. Headers are literal (RFC 7541), nothing is compressed, and no TLS is used.

import type { Timer } from '../../../sim/scheduler.ts';
import type { Nanos } from '../../../sim/time.ts';
import type { NetworkStack } from '../../../stack/stack.ts';
import type { TcpHandlers } from '../../../stack/tcp/handlers.ts';
import type { TcpSocket } from '../../../stack/tcp/socket.ts';
import type { Frame } from '../../../wire/frame.ts';
import type { Ipv4Address } from '../../../wire/ipv4-address.ts';
import { HEALTH_SERVICE, type HealthSession } from '../host-network.ts';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const FrameType = { Data: 0, Headers: 1, Settings: 4 } as const;
const END_STREAM = 0x1;
const END_HEADERS = 0x4;
const FRAME_HEADER = 9;
/** ServingStatus of HealthCheckResponse. */
const Serving = { Serving: 1, NotServing: 2 } as const;

/** Serves health checks on one address until it is stopped. */
export class HealthServer {
  readonly #stack: NetworkStack;
  readonly #listener: { close(): void };
  readonly #sessions = new Set<TcpSocket>();

  constructor(stack: NetworkStack, address: Ipv4Address, port: number) {
    this.#stack = stack;
    this.#listener = stack.tcp.listen(
      { address, port },
      { accept: (socket) => this.#accept(socket) },
    );
  }

  /** The process died: its sockets are reset. */
  stop(): void {
    this.#listener.close();
    if (!this.#stack.powered) return;
    for (const socket of this.#sessions) socket.abort();
  }

  #accept(socket: TcpSocket): TcpHandlers {
    this.#sessions.add(socket);
    const reader = new FrameReader(PREFACE.length);
    socket.write(frameOf(FrameType.Settings, 0, 0, []));
    return {
      onData: (_socket, frame, offset, length) =>
        reader.read(frame, offset, length, (type, stream, payload) => {
          if (type !== FrameType.Data) return;
          const asked = textOf(payload.slice(5 + 2));
          const status = asked === HEALTH_SERVICE ? Serving.Serving : Serving.NotServing;
          socket.write(
            frameOf(
              FrameType.Headers,
              END_HEADERS,
              stream,
              headers([
                [':status', '200'],
                ['content-type', 'application/grpc'],
              ]),
            ),
          );
          socket.write(frameOf(FrameType.Data, 0, stream, message([0x08, status])));
          socket.write(
            frameOf(
              FrameType.Headers,
              END_HEADERS | END_STREAM,
              stream,
              headers([['grpc-status', '0']]),
            ),
          );
        }),
      onEnd: () => socket.close(),
      onClosed: () => this.#sessions.delete(socket),
    };
  }
}

/** Opens a session; `done` is called once: null when it was refused or the time was over. */
export function connectHealth(
  stack: NetworkStack,
  address: Ipv4Address,
  port: number,
  timeout: Nanos,
  done: (session: HealthSession | null) => void,
): void {
  // A process on a dead host waits for nothing; its timers are gone with it.
  if (!stack.powered) return;
  new ClientSession(stack, address, port, timeout, done);
}

class ClientSession implements HealthSession {
  readonly #stack: NetworkStack;
  readonly #socket: TcpSocket;
  readonly #reader = new FrameReader(0);
  #opened: ((session: HealthSession | null) => void) | null;
  #asked: ((answer: 'serving' | 'not-serving' | 'failed') => void) | null = null;
  #timer: Timer | null = null;
  #stream = 1;
  #closed = false;

  constructor(
    stack: NetworkStack,
    address: Ipv4Address,
    port: number,
    timeout: Nanos,
    done: (session: HealthSession | null) => void,
  ) {
    this.#stack = stack;
    this.#opened = done;
    this.#arm(timeout);
    this.#socket = stack.tcp.connect(
      { address, port, timeout },
      {
        onConnected: (socket) => {
          socket.write(octetsOf(PREFACE));
          socket.write(frameOf(FrameType.Settings, 0, 0, []));
        },
        onData: (_socket, frame, offset, length) => this.#read(frame, offset, length),
        onEnd: () => this.#fail(),
        onClosed: () => this.#fail(),
      },
    );
  }

  check(timeout: Nanos, done: (answer: 'serving' | 'not-serving' | 'failed') => void): void {
    if (this.#closed) {
      this.#stack.scheduler.post(done, 'failed', null);
      return;
    }
    this.#asked = done;
    this.#arm(timeout);
    const stream = this.#stream;
    this.#stream += 2;
    const request = headers([
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', '/grpc.health.v1.Health/Check'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
    ]);
    const name = [...octetsOf(HEALTH_SERVICE)];
    this.#socket.write(frameOf(FrameType.Headers, END_HEADERS, stream, request));
    const body = message([0x0a, name.length, ...name]);
    this.#socket.write(frameOf(FrameType.Data, END_STREAM, stream, body));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancel();
    if (this.#stack.powered) this.#socket.close();
  }

  /** Called by the timer: nothing came in time. */
  expire(): void {
    this.#timer = null;
    if (this.#opened !== null && !this.#closed) this.#socket.abort();
    this.#fail();
  }

  #read(frame: Frame, offset: number, length: number): void {
    this.#reader.read(frame, offset, length, (type, _stream, payload) => {
      if (type === FrameType.Settings && this.#opened !== null) {
        const opened = this.#opened;
        this.#opened = null;
        this.#cancel();
        opened(this);
      } else if (type === FrameType.Data && this.#asked !== null) {
        const asked = this.#asked;
        this.#asked = null;
        this.#cancel();
        asked(payload[6] === Serving.Serving ? 'serving' : 'not-serving');
      }
    });
  }

  #fail(): void {
    this.#cancel();
    const opened = this.#opened;
    const asked = this.#asked;
    this.#opened = null;
    this.#asked = null;
    if (opened !== null) this.#closed = true;
    opened?.(null);
    asked?.('failed');
  }

  #arm(timeout: Nanos): void {
    this.#cancel();
    this.#timer = this.#stack.scheduler.after(timeout, expire, this, null);
  }

  #cancel(): void {
    if (this.#timer !== null) this.#stack.scheduler.cancel(this.#timer);
    this.#timer = null;
  }
}

function expire(session: ClientSession): void {
  session.expire();
}

/** Longer than any frame of a health check: what is longer is no HTTP/2. */
const LONGEST_FRAME = 16_384;

/** Cuts a stream into HTTP/2 frames. */
class FrameReader {
  #skip: number;
  #held: number[] = [];

  /** @param skip octets of the preface */
  constructor(skip: number) {
    this.#skip = skip;
  }

  read(
    frame: Frame,
    offset: number,
    length: number,
    onFrame: (type: number, stream: number, payload: readonly number[]) => void,
  ): void {
    for (let at = offset; at < offset + length; at++) {
      if (this.#skip > 0) this.#skip--;
      else if (this.#held.length < LONGEST_FRAME) this.#held.push(frame.view.getUint8(at));
    }
    for (;;) {
      const [a = 0, b = 0, c = 0, type = 0] = this.#held;
      const end = FRAME_HEADER + ((a << 16) | (b << 8) | c);
      if (this.#held.length < FRAME_HEADER || this.#held.length < end) return;
      const stream = (this.#held[8] ?? 0) | ((this.#held[7] ?? 0) << 8);
      const payload = this.#held.slice(FRAME_HEADER, end);
      this.#held = this.#held.slice(end);
      onFrame(type, stream, payload);
    }
  }
}

function frameOf(
  type: number,
  flags: number,
  stream: number,
  payload: readonly number[],
): Uint8Array {
  const { length } = payload;
  const header = [length >>> 16, (length >>> 8) & 0xff, length & 0xff, type, flags];
  return Uint8Array.from([...header, 0, 0, (stream >>> 8) & 0xff, stream & 0xff, ...payload]);
}

/** Literal header fields without indexing, new names, no Huffman code (RFC 7541 6.2.2). */
function headers(fields: readonly (readonly [string, string])[]): readonly number[] {
  return fields.flatMap(([name, value]) => [
    0,
    name.length,
    ...octetsOf(name),
    value.length,
    ...octetsOf(value),
  ]);
}

/** A gRPC message: not compressed, its length, its octets. */
function message(octets: readonly number[]): readonly number[] {
  return [0, 0, 0, 0, octets.length, ...octets];
}

function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function textOf(octets: readonly number[]): string {
  return String.fromCharCode(...octets);
}
