// Datagrams from one connected socket, which hears ICMP errors; one that cannot send is replaced. An
// echoed tag tells which request was answered; any other answer counts for the request asked last,
// which is right as long as answers come before the next question.

import { EgressLabError } from '../../base/errors.ts';
import type { UdpHandlers, UdpSocket } from '../../stack/udp/socket.ts';
import type { Frame } from '../../wire/frame.ts';
import type { Requester, RequesterContext } from './requester.ts';
import { readTag } from './tag.ts';

/** Asks by UDP datagrams that a server echoes. */
export class UdpRequester implements Requester, UdpHandlers {
  readonly #context: RequesterContext;
  #socket: UdpSocket | null = null;
  readonly #waiting = new Set<number>();
  #latest = -1;

  constructor(context: RequesterContext) {
    this.#context = context;
  }

  request(id: number): void {
    const { spec, payload, outcome } = this.#context;
    this.#latest = id;
    this.#waiting.add(id);
    this.#socket ??= this.#open();
    if (this.#socket === null) {
      this.#waiting.delete(id);
      outcome.failed(id, 'EADDRINUSE');
      return;
    }
    const unconnected = this.#socket.remotePort === 0;
    const failure =
      (unconnected ? this.#socket.connect(spec.to, spec.port ?? 0) : null) ??
      this.#socket.send(payload(id));
    if (failure === null) return;
    this.close();
    this.#waiting.delete(id);
    outcome.failed(id, failure);
  }

  /** Null: somebody else has its port. */
  #open(): UdpSocket | null {
    const { stack, spec } = this.#context;
    const binding = {
      ...(spec.source === null ? {} : { address: spec.source }),
      ...(spec.sourcePort === null ? {} : { port: spec.sourcePort }),
    };
    try {
      return stack.udp.bind(binding, this);
    } catch (error) {
      if (error instanceof EgressLabError && error.code === 'EGL_ADDRESS_IN_USE') return null;
      throw error;
    }
  }

  giveUp(id: number): void {
    this.#waiting.delete(id);
  }

  close(): void {
    this.#socket?.close();
    this.#socket = null;
  }

  onDatagram(_socket: UdpSocket, frame: Frame, offset: number, length: number): void {
    const id = readTag(frame, offset, offset + length)?.request ?? this.#latest;
    if (this.#waiting.delete(id)) this.#context.outcome.answered(id);
  }

  onError(_socket: UdpSocket, error: string): void {
    if (this.#waiting.delete(this.#latest)) this.#context.outcome.failed(this.#latest, error);
  }
}
