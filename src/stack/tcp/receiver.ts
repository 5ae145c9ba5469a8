// The receiving half of a connection: which segments fit, what is passed on in order, and that it is
// acknowledged (when: delayed-ack.ts; with which window: receive-window.ts). In the order of
// tcp_data_queue and tcp_event_data_recv. Left out: SACK and DSACK.

import type { DropReason } from '../../link/drop-reason.ts';
import type { Frame } from '../../wire/frame.ts';
import { Flag, HEADER_LENGTH } from '../../wire/tcp.ts';
import { TIMESTAMPS_LENGTH } from '../../wire/tcp-options.ts';
import { StackDrop } from '../drop-reason.ts';
import type { Host } from '../host.ts';
import { DelayedAck } from './delayed-ack.ts';
import type { TcpHandlers } from './handlers.ts';
import { OutOfOrderQueue } from './out-of-order-queue.ts';
import { ReceiveQueue } from './receive-queue.ts';
import { ReceiveWindow } from './receive-window.ts';
import type { RttEstimator } from './rto.ts';
import type { TcpSegment } from './segment.ts';
import { add, after, before, distance } from './sequence.ts';
import type { TcpSocket } from './socket.ts';
import { SocketMemory } from './socket-memory.ts';
import type { Timestamps } from './timestamps.ts';
import type { Transmitter } from './transmitter.ts';

/** tcp_grow_window looks at no shorter segments. */
const GROWTH_MINIMUM = 128;

/** What the receiving half needs of its connection, which it shows to the application. */
interface ReceiverConnection extends TcpSocket {
  readonly host: Host;
  readonly transmitter: Transmitter;
  readonly timestamps: Timestamps;
  readonly sender: { readonly rtt: RttEstimator };
  readonly handlers: TcpHandlers;
  /** The application still listens. */
  readonly isOpen: boolean;
  readonly isSynchronized: boolean;
  rxOctets: number;
  drop(reason: DropReason, frame: Frame): void;
}

/** RCV.NXT, and everything that decides what the peer hears of it. */
export class Receiver {
  /** RCV.NXT */
  next = 0;
  /** The FIN has been received in order. */
  finished = false;
  readonly window: ReceiveWindow;
  readonly memory: SocketMemory = new SocketMemory();
  readonly #connection: ReceiverConnection;
  readonly #queue: ReceiveQueue = new ReceiveQueue(this.memory);
  readonly #outOfOrder: OutOfOrderQueue = new OutOfOrderQueue(this.memory);
  readonly #delayed: DelayedAck;
  readonly #pass: (frame: Frame, offset: number, length: number) => void;
  #paused = false;
  #delivering = false;
  #endReported = false;

  constructor(connection: ReceiverConnection) {
    const { scheduler, sysctl } = connection.host;
    this.#connection = connection;
    this.window = new ReceiveWindow(sysctl.host);
    this.#delayed = new DelayedAck(scheduler, connection.sender.rtt, () => {
      connection.transmitter.ack();
    });
    this.#pass = (frame, offset, length) => {
      connection.handlers.onData?.(connection, frame, offset, length);
    };
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Octets that wait for the application. */
  get queued(): number {
    return this.#queue.octets;
  }

  /** The peer's SYN occupied `initialSequence`. */
  start(initialSequence: number): void {
    this.next = add(initialSequence, 1);
    this.window.acknowledged = this.next;
  }

  /** What to write into the window field now. A SYN's is not scaled. */
  advertise(isSyn: boolean): number {
    if (isSyn) return this.window.introduce();
    if (this.window.isScarce(this.memory.used)) this.#delayed.calm();
    return this.window.advertise(this.next, this.memory.used);
  }

  /** RFC 9293 3.10.7.4, first check, as tcp_sequence has it: against the window last advertised. */
  isAcceptable(segment: TcpSegment): boolean {
    const { sequence, endSequence } = segment;
    if (before(endSequence, this.window.acknowledged)) return false;
    const edge = add(this.next, this.window.promised(this.next));
    // A FIN may stand behind the window, and data if nothing else waits.
    const dataEnd = segment.has(Flag.Fin) ? add(endSequence, -1) : endSequence;
    if (!after(dataEnd, edge)) return true;
    return !after(sequence, edge) && this.#queue.isEmpty;
  }

  /** Takes data and FIN of an acceptable segment. Acknowledgment and delivery follow later. */
  accept(segment: TcpSegment): void {
    const { sequence, endSequence, dataLength } = segment;
    if (sequence === endSequence) return;
    const promised = this.window.promised(this.next);
    const isBareFin = dataLength === 0;
    if (sequence === this.next && (promised > 0 || isBareFin)) {
      this.#take(segment);
    } else if (!after(endSequence, this.next)) {
      this.#refuse(segment, StackDrop.TcpOldData);
    } else if (!before(sequence, add(this.next, promised)) || promised === 0) {
      this.#refuse(segment, StackDrop.TcpOverWindow);
    } else if (before(sequence, this.next)) {
      this.#take(segment);
    } else {
      this.#keep(segment);
    }
  }

  /** The application is about to answer: the acknowledgment waits for it (CLOSE-WAIT, RFC 1122 4.2.3.2). */
  expectAnswer(): void {
    this.#delayed.expectAnswer();
  }

  /** An acknowledgment is owed before this instant ends. */
  scheduleAck(): void {
    this.#delayed.due = true;
    this.#delayed.urgent = true;
  }

  /** The peer seems to repeat itself for want of an answer (tcp_enter_quickack_mode). */
  hasten(): void {
    this.#delayed.hasten(this.window.quickAcknowledgments);
  }

  /** Sends the acknowledgment that is owed, or starts its timer (__tcp_ack_snd_check). */
  acknowledge(): void {
    const { due, urgent, isQuick } = this.#delayed;
    if (!due) return;
    if (urgent || isQuick || this.hasGap || this.#owesForTwo() || this.#delayed.wait()) {
      this.#connection.transmitter.ack();
    }
  }

  /** Called for every segment that carries an acknowledgment. `withData`: the application has spoken. */
  acknowledgmentSent(withData: boolean): void {
    this.#delayed.sent(withData);
  }

  /** Passes on what is in order; then acknowledges what was read if nobody answers (__tcp_cleanup_rbuf). */
  deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    const waiting = this.#queue.octets;
    while (!this.#queue.isEmpty && !this.#paused && this.#connection.isOpen) {
      this.#queue.shift(this.#pass);
    }
    const { isOpen } = this.#connection;
    if (this.finished && !this.#endReported && this.#queue.octets === 0 && isOpen) {
      this.#endReported = true;
      this.#connection.handlers.onEnd?.(this.#connection);
    }
    this.#delivering = false;
    if (waiting <= this.#queue.octets || !this.#connection.isSynchronized) return;
    const hasGrown = !this.finished && this.window.hasDoubled(this.next, this.memory.used);
    if (hasGrown || this.#owesForReading()) this.#connection.transmitter.ack();
  }

  /** What comes stays queued, and the window closes. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.deliver();
  }

  /** Nothing more will come; no timer stays behind. What the application has not read may wait. */
  stop(): void {
    this.#delayed.stop();
    this.#outOfOrder.clear();
  }

  /** Nobody will read what waits. */
  discard(): void {
    this.#queue.clear();
  }

  /** Something has come out of order. */
  get hasGap(): boolean {
    return this.#outOfOrder.size > 0;
  }

  /** More than one full segment has come, and the window can follow it. */
  #owesForTwo(): boolean {
    const { mss, acknowledged, promisedLast } = this.window;
    if (distance(acknowledged, this.next) <= mss) return false;
    return this.window.select(this.memory.used) >= promisedLast;
  }

  #owesForReading(): boolean {
    const { due, pushed, pushedTwice, isInteractive } = this.#delayed;
    if (!due) return false;
    if (distance(this.window.acknowledged, this.next) > this.window.mss) return true;
    return (pushedTwice || (pushed && !isInteractive)) && this.#queue.isEmpty;
  }

  /** In order, perhaps with a beginning that is known; of a FIN perhaps nothing else is new. */
  #take(segment: TcpSegment): void {
    const { frame, data, dataLength } = segment;
    const known = distance(segment.sequence, this.next);
    const old = Math.min(known, dataLength);
    this.#append(frame, data + old, dataLength - old, known === 0);
    if (dataLength > 0) this.#learn(segment);
    if (segment.has(Flag.Fin)) {
      this.#finish();
      return;
    }
    const hadGap = this.hasGap;
    this.#fillGaps();
    // RFC 5681 4.2
    if (hadGap && !this.hasGap) this.#delayed.urgent = true;
  }

  /** Out of order (tcp_data_queue_ofo). */
  #keep(segment: TcpSegment): void {
    const { sequence, dataLength, frame, data } = segment;
    this.#measure(segment);
    this.#delayed.due = true;
    const isFin = segment.has(Flag.Fin);
    if (!this.#outOfOrder.insert(sequence, dataLength, frame, data, isFin)) {
      this.#connection.drop(StackDrop.SocketQueueFull, frame);
    }
  }

  #append(frame: Frame, offset: number, length: number, joins: boolean): void {
    this.next = add(this.next, length);
    this.#connection.rxOctets += length;
    this.#queue.push(frame, offset, length, joins);
  }

  #fillGaps(): void {
    for (;;) {
      const piece = this.#outOfOrder.take(this.next);
      if (piece === null) return;
      this.#append(piece.frame, piece.offset, piece.length, !piece.cut);
      if (piece.fin) this.#finish();
    }
  }

  /** What stands behind a FIN is nothing. */
  #finish(): void {
    this.next = add(this.next, 1);
    this.finished = true;
    this.#delayed.due = true;
    this.#outOfOrder.clear();
  }

  /** tcp_event_data_recv */
  #learn(segment: TcpSegment): void {
    const { used: memory } = this.memory;
    this.window.stretch(memory);
    this.#measure(segment);
    this.#delayed.heard(this.window.quickAcknowledgments);
    if (segment.dataLength < GROWTH_MINIMUM) return;
    if (this.window.grow(segment, memory)) this.#delayed.keepQuick();
  }

  #measure(segment: TcpSegment): void {
    const { enabled } = this.#connection.timestamps;
    const usual = HEADER_LENGTH + (enabled ? TIMESTAMPS_LENGTH : 0);
    if (this.window.measure(segment, usual)) return;
    if (this.#delayed.pushed) this.#delayed.pushedTwice = true;
    this.#delayed.pushed = true;
  }

  #refuse(segment: TcpSegment, reason: DropReason): void {
    this.#connection.drop(reason, segment.frame);
    this.hasten();
    this.#delayed.due = true;
  }
}
