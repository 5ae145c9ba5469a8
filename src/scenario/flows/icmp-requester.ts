// Echo requests with one identifier, as ping sends them.

import type { EchoHandler, EchoSocket } from '../../stack/icmp/echo.ts';
import { sendErrno } from '../../stack/socket/errno.ts';
import { ANY_ADDRESS } from '../../wire/ipv4-address.ts';
import type { Requester, RequesterContext } from './requester.ts';

const SEQUENCE_MASK = 0xffff;

/** Asks by ICMP echo requests; the sequence number is the number of the request. */
export class IcmpRequester implements Requester {
  readonly #context: RequesterContext;
  readonly #socket: EchoSocket;
  /** ICMP sequence → request, for those that wait. */
  readonly #waiting = new Map<number, number>();

  constructor(context: RequesterContext) {
    this.#context = context;
    const { outcome } = context;
    const handler: EchoHandler = {
      onReply: ({ sequence }) => {
        const id = this.#waiting.get(sequence);
        if (id === undefined) return;
        this.#waiting.delete(sequence);
        outcome.answered(id);
      },
      // An error does not end a ping: the answer may still come. It says why none did.
      onError: () => {},
    };
    this.#socket = context.stack.icmp.openEcho(handler);
  }

  request(id: number): void {
    const { spec, payload, outcome } = this.#context;
    const sequence = (id + 1) & SEQUENCE_MASK;
    this.#waiting.set(sequence, id);
    const failure = this.#socket.send(spec.to, sequence, {
      source: spec.source ?? ANY_ADDRESS,
      size: spec.size,
      payload: payload(id),
    });
    if (failure === null) return;
    this.#waiting.delete(sequence);
    outcome.failed(id, sendErrno(failure));
  }

  giveUp(id: number): void {
    this.#waiting.delete((id + 1) & SEQUENCE_MASK);
  }

  close(): void {
    this.#socket.close();
  }
}
