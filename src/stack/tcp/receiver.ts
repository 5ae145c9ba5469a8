// The receiving half of a connection: which segments fit, what is passed on in order, and when an
// acknowledgment is due. Acknowledgments follow Linux: at once for the first 16 segments, for every
// second full one, for anything out of order and for what the application has read (unless it answers
// by itself: "pingpong"); otherwise within 40 ms. Left out: SACK, DSACK, window tuning: the window stays
// what it is at first, half of tcp_rmem, rounded down to whole segments.

import { DropReason } from '../../link/drop-reason.ts';
import { millis, type Nanos } from '../../sim/time.ts';
import type { Frame } from '../../wire/frame.ts';
import { Flag } from '../../wire/tcp.ts';
import type { TcpConnection } from './connection.ts';
import { Reassembly } from './reassembly.ts';
import { ReceiveQueue } from './receive-queue.ts';
import type { Segment } from './segment.ts';
import { add, after, before, distance } from './sequence.ts';
import { LazyTimer } from './timer.ts';

/** net.core.rmem_max. */
const RMEM_MAX = 4_194_304;
/** TCP_MAX_WSCALE, RFC 7323. */
const LARGEST_SHIFT = 14;
/** TCP_ATO_MIN and TCP_DELACK_MIN. */
const DELAYED_ACK: Nanos = millis(40);
/** TCP_MAX_QUICKACKS. */
const QUICK_ACKS = 16;
/** TCP_MSS_DEFAULT: the peer's segment size until it has shown another. */
const DEFAULT_MSS = 536;

export class Receiver {
  /** RCV.NXT */
  next = 0;
  /** 0 unless both sides have offered window scaling. */
  windowShift = 0;
  /** The FIN has been received in order. */
  finished = false;
  #paused = false;
  readonly #connection: TcpConnection;
  readonly #queue = new ReceiveQueue();
  readonly #reassembly = new Reassembly();
  readonly #delay: LazyTimer;
  readonly #pass: (frame: Frame, offset: number, length: number) => void;
  #capacity = 0;
  #mss = DEFAULT_MSS;
  /** RCV.NXT when the last acknowledgment was sent. */
  #acknowledged = 0;
  /** One past what the peer may send; never moves back. */
  #rightEdge = 0;
  /** Where a FIN stands that came out of order; null if none did. */
  #finAt: number | null = null;
  #ackDue = false;
  #ackNow = false;
  #pushed = false;
  /** The application answers what it receives: its answers carry the acknowledgments. */
  #interactive = false;
  #quickAcks = 0;
  /** -1 before the first data. */
  #lastDataAt: Nanos = -1;
  #delivering = false;
  #endReported = false;

  constructor(connection: TcpConnection) {
    this.#connection = connection;
    this.#delay = new LazyTimer(connection.stack.scheduler, () => this.#delayExpired());
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

  /** The shift to offer (tcp_select_initial_window): 10 with 6.18's tcp_rmem of up to 32 MB, 7 with 6 MB. */
  get offeredShift(): number {
    const { tcp_rmem_max } = this.#connection.stack.sysctl.host;
    const shift = Math.floor(Math.log2(Math.max(tcp_rmem_max, RMEM_MAX))) - 15;
    return Math.min(shift, LARGEST_SHIFT);
  }

  /** Whole segments of `mss` octets in half of tcp_rmem: the rest is for what the kernel adds to them. */
  limitWindow(mss: number): void {
    const space = Math.floor(this.#connection.stack.sysctl.host.tcp_rmem_default / 2);
    this.#capacity = space - (space % Math.min(mss, space));
  }

  /** The peer's SYN occupied `initialSequence`. */
  start(initialSequence: number): void {
    this.next = add(initialSequence, 1);
    this.#acknowledged = this.next;
    this.#rightEdge = this.next;
  }

  /** What to write into the window field now; moves the right edge. A SYN's is not scaled. */
  advertise(isSyn: boolean): number {
    const unit = isSyn ? 1 : 2 ** this.windowShift;
    const promised = Math.max(0, distance(this.next, this.#rightEdge));
    // Behind the peer's FIN nothing more can come: the window stays where it was.
    let room = this.finished ? Math.min(this.#room, promised) : this.#room;
    // RFC 9293 3.8.6.2.2: no silly windows; and what was promised holds (RFC 7323 2.4: to within a unit).
    if (room < Math.min(this.#capacity / 2, this.#mss)) room = 0;
    const field = Math.max(Math.ceil(room / unit), Math.floor(promised / unit));
    const edge = add(this.next, field * unit);
    if (after(edge, this.#rightEdge)) this.#rightEdge = edge;
    return Math.min(field, 0xffff);
  }

  /** The window field that says again what was said before (rsk_rcv_wnd, tw_rcv_wnd). */
  promise(): number {
    const promised = Math.max(0, distance(this.next, this.#rightEdge));
    return Math.min(0xffff, Math.floor(promised / 2 ** this.windowShift));
  }

  /** RFC 9293 3.10.7.4, first check, as tcp_sequence has it: against the window last advertised. */
  isAcceptable(segment: Segment): boolean {
    const edge = before(this.#rightEdge, this.next) ? this.next : this.#rightEdge;
    return !before(segment.endSequence, this.#acknowledged) && !after(segment.sequence, edge);
  }

  /** RCV.NXT when the last acknowledgment was sent: Last.ACK.sent of RFC 7323. */
  get lastAcknowledged(): number {
    return this.#acknowledged;
  }

  /** One past what the peer may send. */
  get edge(): number {
    return this.#rightEdge;
  }

  /** Takes data and FIN of an acceptable segment. Acknowledgment and delivery follow later. */
  accept(segment: Segment): void {
    const { sequence, dataLength } = segment;
    const isFin = segment.has(Flag.Fin);
    if (dataLength === 0 && !isFin) return;
    if (!after(segment.endSequence, this.next)) {
      this.#refuse(segment, DropReason.TcpOldData);
      return;
    }
    if (!before(sequence, this.#rightEdge) && !(dataLength === 0 && sequence === this.next)) {
      this.#refuse(segment, DropReason.TcpOverWindow);
      return;
    }
    this.#noteArrival(segment);
    const dataEnd = add(sequence, dataLength);
    const kept = Math.min(dataLength, distance(sequence, this.#rightEdge));
    if (isFin && kept >= dataLength) this.#finAt = dataEnd;
    if (after(sequence, this.next)) {
      const { frame, data } = segment;
      if (kept > 0 && !this.#reassembly.insert(sequence, kept, frame, data)) {
        this.#connection.drop(DropReason.SocketQueueFull, frame);
      }
      this.#acknowledgeSoon();
      return;
    }
    const old = distance(sequence, this.next);
    this.#append(segment.frame, segment.data + old, Math.max(kept, 0) - old);
    const hadGap = this.#reassembly.size > 0;
    this.#fillGaps();
    if (hadGap) this.#ackNow = true;
    if (this.#finAt === this.next) {
      this.next = add(this.next, 1);
      this.finished = true;
      this.#ackDue = true;
    }
  }

  /** The application is about to answer: the acknowledgment waits for it (CLOSE-WAIT, RFC 1122 4.2.3.2). */
  expectAnswer(): void {
    this.#interactive = true;
  }

  /** An acknowledgment is owed; `now` means before this instant ends. */
  scheduleAck(now: boolean): void {
    this.#ackDue = true;
    if (now) this.#ackNow = true;
  }

  /** Sends the acknowledgment that is owed, or starts its timer (tcp_ack_snd_check). */
  acknowledge(): void {
    if (!this.#ackDue) return;
    const unacknowledged = distance(this.#acknowledged, this.next);
    const quick = this.#quickAcks > 0 && !this.#interactive;
    if (this.#ackNow || quick || unacknowledged > this.#mss || this.#reassembly.size > 0) {
      this.#connection.transmitter.ack();
    } else if (!this.#delay.armed) {
      // Before the first data there is no estimate (icsk_ack.ato): the next tick will do.
      this.#delay.arm(this.#lastDataAt < 0 ? 0 : DELAYED_ACK);
    }
  }

  /** Called for every segment that carries an acknowledgment. `withData`: the application has spoken. */
  acknowledgmentSent(withData: boolean, now: Nanos): void {
    if (this.#ackDue && this.#quickAcks > 0) this.#quickAcks--;
    this.#ackDue = false;
    this.#ackNow = false;
    this.#pushed = false;
    this.#acknowledged = this.next;
    this.#delay.disarm();
    if (withData && this.#lastDataAt >= 0 && now - this.#lastDataAt < DELAYED_ACK) {
      this.#interactive = true;
    }
  }

  /** Passes on what is in order; then acknowledges what was read if nobody answers (tcp_cleanup_rbuf). */
  deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    const waiting = this.#queue.octets;
    while (!this.#queue.isEmpty && !this.#paused && this.#connection.isOpen) {
      this.#queue.shift(this.#pass);
    }
    const { isOpen } = this.#connection;
    if (this.finished && !this.#endReported && this.#queue.isEmpty && isOpen) {
      this.#endReported = true;
      this.#connection.handlers.onEnd?.(this.#connection);
    }
    this.#delivering = false;
    const read = waiting - this.#queue.octets;
    if (read <= 0 || !this.#connection.isSynchronized) return;
    const due = this.#ackDue && this.#pushed && !this.#interactive && this.#queue.isEmpty;
    if (due || this.#shouldUpdateWindow()) this.#connection.transmitter.ack();
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
    this.#delay.cancel();
    this.#reassembly.clear();
    this.#ackDue = false;
  }

  /** Nobody will read what waits. */
  discard(): void {
    this.#queue.clear();
  }

  /** Octets there is room for. What is passed on within this instant takes none. */
  get #room(): number {
    return Math.max(0, this.#capacity - (this.#paused ? this.#queue.octets : 0));
  }

  /** The window has at least doubled since the peer heard of it. */
  #shouldUpdateWindow(): boolean {
    if (this.finished) return false;
    const known = Math.max(0, distance(this.next, this.#rightEdge));
    const actual = this.#room;
    return 2 * known <= this.#capacity && actual >= 2 * known && actual >= this.#mss;
  }

  #append(frame: Frame, offset: number, length: number): void {
    if (length <= 0) return;
    this.next = add(this.next, length);
    this.#ackDue = true;
    this.#connection.rxOctets += length;
    this.#queue.push(frame, offset, length);
  }

  #fillGaps(): void {
    for (;;) {
      const piece = this.#reassembly.take(this.next);
      if (piece === null) return;
      this.#append(piece.frame, piece.offset, piece.length);
    }
  }

  /** tcp_event_data_recv and tcp_measure_rcv_mss. */
  #noteArrival(segment: Segment): void {
    const { now } = this.#connection.stack.scheduler;
    const { dataLength } = segment;
    const { rto } = this.#connection.sender.rtt;
    if (this.#lastDataAt < 0 || now - this.#lastDataAt > rto) this.#quickAcks = QUICK_ACKS;
    if (dataLength === 0) return;
    this.#lastDataAt = now;
    if (dataLength < this.#mss || segment.has(Flag.Psh)) this.#pushed = true;
    if (dataLength > this.#mss) this.#mss = dataLength;
  }

  /** tcp_enter_quickack_mode: the sender has to know at once. */
  #acknowledgeSoon(): void {
    this.#quickAcks = QUICK_ACKS;
    this.#interactive = false;
    this.scheduleAck(true);
  }

  #refuse(segment: Segment, reason: DropReason): void {
    this.#connection.drop(reason, segment.frame);
    this.#acknowledgeSoon();
  }

  /** tcp_delack_timer_handler: nobody answered, so nobody will next time. */
  #delayExpired(): void {
    this.#interactive = false;
    if (this.#ackDue) this.#connection.transmitter.ack();
  }
}
