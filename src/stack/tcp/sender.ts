// The sending half of a connection: what may leave now, what is in flight, and when it is sent again.
// Windows as in RFC 9293 3.8, retransmission as in RFC 6298 with Linux's tail loss probe (one segment
// after two round trips and 200 ms) and tcp_retries2, zero-window probes, RFC 6069 for ICMP. SYNs are
// the handshake's matter. Left out: SACK, RACK, F-RTO, pacing, and the cwnd restart after idling.

import type { Nanos } from '../../sim/time.ts';
import type { Note } from '../../wire/frame.ts';
import { Flag } from '../../wire/tcp.ts';
import type { Host } from '../host.ts';
import type { Errno } from '../socket/errno.ts';
import { Congestion, type CongestionPhase } from './congestion.ts';
import {
  noteFastRetransmit,
  notePathMtu,
  noteTailLoss,
  noteTimeout,
  noteWindowProbe,
} from './notes.ts';
import { modelTimeout, retryLimit } from './retries.ts';
import { MAXIMUM_RTO, RttEstimator } from './rto.ts';
import type { TcpSegment } from './segment.ts';
import { SendBuffer } from './send-buffer.ts';
import { SendWindow } from './send-window.ts';
import { SentQueue, SentSegment } from './sent-queue.ts';
import { add, after, before, distance } from './sequence.ts';
import type { Timestamps } from './timestamps.ts';
import { TransmitTimer } from './transmit-timer.ts';
import type { Transmitter } from './transmitter.ts';

/** What an acknowledgment number is worth, RFC 9293 3.10.7.4 and RFC 5961 5. */
export const AckVerdict = { Valid: 0, Old: 1, TooOld: 2, Unsent: 3 } as const;
export type AckVerdict = (typeof AckVerdict)[keyof typeof AckVerdict];

/** What the sending half needs of its connection. */
interface SenderConnection {
  readonly host: Host;
  readonly transmitter: Transmitter;
  readonly timestamps: Timestamps;
  /** Data and FIN may leave in the present state. */
  readonly canSend: boolean;
  readonly isOrphan: boolean;
  readonly softError: Errno | null;
  /** The peer has acknowledged something new. */
  progress(): void;
  /** Retransmissions or window probes remained without answer for too long. */
  timedOut(): void;
}

/** Why something that was lost is sent again. */
const NOTES: Readonly<Record<CongestionPhase, Note>> = {
  open: notePathMtu,
  recovery: noteFastRetransmit,
  loss: noteTimeout,
};

/** SND.UNA, SND.NXT, and everything that decides when they move. */
export class Sender {
  readonly buffer: SendBuffer = new SendBuffer();
  readonly rtt: RttEstimator = new RttEstimator();
  readonly congestion: Congestion;
  /** SND.UNA */
  una: number;
  /** SND.NXT */
  next: number;
  readonly window: SendWindow = new SendWindow();
  /** Octets of data in a segment, options taken off. */
  mss = 536;
  /** Segments sent more than once, counted each time. */
  retransmissions = 0;
  /** Consecutive timeouts without progress. */
  timeouts = 0;
  readonly #connection: SenderConnection;
  readonly #sent = new SentQueue();
  readonly #timer: TransmitTimer;
  #acknowledgedOctets = 0;
  #finQueued = false;
  #finSent = false;
  /** SND.NXT when a tail loss probe was sent that has not been acknowledged; null if none is out. */
  #probedAt: number | null = null;
  /** When the present series of retransmissions began; -1 if there is none. */
  #troubleSince: Nanos = -1;
  /** Window probes without an answer. */
  #probes = 0;
  /** Fast retransmit: the first lost segment leaves regardless of the congestion window. */
  #resendFirst = false;

  constructor(connection: SenderConnection, initialSequence: number) {
    this.#connection = connection;
    this.una = initialSequence;
    this.next = add(initialSequence, 1);
    this.buffer.startAt(this.next);
    this.congestion = new Congestion();
    const { scheduler } = connection.host;
    this.#timer = new TransmitTimer(scheduler, this.rtt, () => this.#expired());
  }

  /** Octets and FIN that the peer has not acknowledged. */
  get outstanding(): number {
    return distance(this.una, this.next);
  }

  /** Octets written and never sent. */
  get unsent(): number {
    return this.#finSent ? 0 : distance(this.next, this.buffer.end);
  }

  get finAcknowledged(): boolean {
    return this.#finSent && this.una === this.next;
  }

  /** The peer has acknowledged our SYN. `repeated`: SYNs were lost. */
  start(mss: number, repeated: boolean): void {
    this.una = this.next;
    this.mss = mss;
    this.congestion.start(repeated, this.una);
  }

  /** FIN goes out after what is buffered. */
  finish(): void {
    this.#finQueued = true;
  }

  /** Takes the acknowledgment and the window of an acceptable segment (tcp_ack). Nothing leaves before `output`. */
  acknowledge(segment: TcpSegment): AckVerdict {
    const ack = segment.acknowledgment;
    if (before(ack, this.una)) {
      const tolerated = Math.min(this.window.largest, this.#acknowledgedOctets);
      return before(ack, add(this.una, -tolerated)) ? AckVerdict.TooOld : AckVerdict.Old;
    }
    if (after(ack, this.next)) return AckVerdict.Unsent;
    const windowBefore = this.window.octets;
    this.window.update(segment, this.una);
    const sameWindow = this.window.octets === windowBefore;
    this.#probes = 0;
    if (this.window.octets > 0) this.#timer.windowOpened();
    if (ack !== this.una) this.#advance(segment, ack);
    else if (this.#sent.size > 0 && segment.dataLength === 0 && sameWindow) this.#duplicate();
    return AckVerdict.Valid;
  }

  /** Sends what the windows allow: first what was lost, then what is new (tcp_write_xmit). */
  output(nagle: boolean): void {
    this.#resendLost();
    let sentAny = false;
    while (this.#connection.canSend) {
      const length = Math.min(this.unsent, this.mss);
      const finDue = this.#finQueued && !this.#finSent;
      if (length === 0) {
        if (finDue) this.#sendNew(0, Flag.Ack | Flag.Fin);
        sentAny ||= finDue;
        break;
      }
      if (this.#flight > 0 && this.#flight >= this.congestion.allowance) break;
      if (after(add(this.next, length), this.window.edge(this.una))) break;
      if (nagle && length < this.mss && this.outstanding > 0 && !finDue) break;
      const isLast = length === this.unsent;
      const fin = isLast && finDue ? Flag.Fin : 0;
      this.#sendNew(length, Flag.Ack | (isLast ? Flag.Psh : 0) | fin);
      sentAny = true;
    }
    if (sentAny) this.#armAfterSending();
    else if (this.#sent.size === 0 && this.unsent > 0 && !this.#timer.armed) {
      this.#timer.windowProbe(false);
    }
  }

  /** The path MTU has changed. What has become too long is sent again at once, in pieces (tcp_simple_retransmit). */
  resize(mss: number): void {
    this.mss = mss;
    this.#sent.markLongerLost(mss);
  }

  /** RFC 6069 (tcp_ld_RTO_revert): a router said that the path is down, so the loss is not congestion. */
  revertBackoff(sequence: number): void {
    const first = this.#sent.first;
    if (first === null || sequence !== this.una || this.timeouts === 0) return;
    if (this.rtt.backoff === 0 || this.#timer.purpose !== 'retransmit') return;
    this.rtt.backoff--;
    if (!this.#timer.remainder(first)) this.#timedOut();
  }

  /** Forgets everything; no timer stays behind. */
  stop(): void {
    this.#timer.cancel();
    this.#sent.clear();
    this.buffer.clear();
  }

  #advance(segment: TcpSegment, ack: number): void {
    const { now } = this.#connection.host.scheduler;
    const flight = this.#sent.size;
    const octets = distance(this.una, ack);
    const { firstSentAt } = this.#sent.acknowledge(ack);
    this.una = ack;
    this.buffer.releaseTo(ack);
    this.#acknowledgedOctets += octets;
    this.timeouts = 0;
    this.#troubleSince = -1;
    const { timestamps } = this.#connection;
    const roundTrip = firstSentAt >= 0 ? now - firstSentAt : timestamps.roundTrip(segment, now);
    if (roundTrip >= 0) this.rtt.sample(roundTrip, this.una, this.next);
    if (this.#probedAt !== null && !before(ack, this.#probedAt)) this.#probedAt = null;
    const acked = flight - this.#sent.size;
    if (this.congestion.acknowledged(acked, ack, flight)) this.#loseFirst();
    this.#timer.afterProgress(this.#sent.size, this.#mayProbeTail());
    this.#connection.progress();
  }

  #duplicate(): void {
    if (this.congestion.duplicate(this.una, this.next)) this.#loseFirst();
  }

  #loseFirst(): void {
    const { first } = this.#sent;
    if (first !== null) this.#sent.markLost(first);
    this.#resendFirst = true;
  }

  #resendLost(): void {
    for (let i = 0; i < this.#sent.size && this.#sent.lostSegments > 0; i++) {
      const segment = this.#sent.at(i);
      if (segment === null || !segment.lost) continue;
      const fits = this.#flight === 0 || this.#flight < this.congestion.window;
      if (!fits && !this.#resendFirst) return;
      this.#resendFirst = false;
      this.#noteTrouble();
      if (!this.#resend(i, NOTES[this.congestion.phase])) return;
    }
  }

  /** tcp_packets_in_flight: segments that are in the network, as far as is known. */
  get #flight(): number {
    return this.#sent.size - this.#sent.lostSegments;
  }

  /** retrans_stamp: when the present series of retransmissions began; a tail loss probe begins none. */
  #noteTrouble(): void {
    if (this.#troubleSince < 0) this.#troubleSince = this.#connection.host.scheduler.now;
  }

  #resend(index: number, note: Note): boolean {
    const segment = this.#sent.at(index);
    if (segment === null || !this.#connection.canSend) return false;
    if (this.#connection.transmitter.holds(segment.frame)) return false;
    this.#sent.split(index, this.mss);
    this.#sent.collapse(index, this.mss, this.window.edge(this.una));
    const { now } = this.#connection.host.scheduler;
    this.retransmissions++;
    this.#sent.resent(segment, now);
    const { sequence, length, flags } = segment;
    segment.frame = this.#connection.transmitter.segment(sequence, length, Flag.Ack | flags, note);
    if (index === 0 || !this.#timer.armed) this.#timer.retransmission();
    return true;
  }

  #sendNew(length: number, flags: number): void {
    const { now } = this.#connection.host.scheduler;
    const segment = new SentSegment(this.next, length, flags & (Flag.Psh | Flag.Fin), now);
    this.#sent.push(segment);
    this.next = segment.end;
    if ((flags & Flag.Fin) !== 0) this.#finSent = true;
    segment.frame = this.#connection.transmitter.segment(segment.sequence, length, flags);
  }

  #armAfterSending(): void {
    const { first, size } = this.#sent;
    if (first !== null) this.#timer.afterSending(first, size, this.#mayProbeTail());
  }

  #mayProbeTail(): boolean {
    return this.#probedAt === null && this.rtt.srtt > 0 && this.congestion.phase === 'open';
  }

  #expired(): void {
    if (this.#timer.purpose === 'window-probe') this.#probeWindow();
    else if (this.#sent.size === 0) return;
    else if (this.#timer.purpose === 'tail-loss') this.#probeTail();
    else this.#timedOut();
  }

  /**
   * tcp_send_loss_probe: something new if there is any, then the RTO from now; else the last segment
   * again, and the RTO of the oldest goes on (tcp_rearm_rto).
   */
  #probeTail(): void {
    const length = Math.min(this.unsent, this.mss);
    const fits = !after(add(this.next, length), this.window.edge(this.una));
    if (length > 0 && fits) {
      this.#sendNew(length, Flag.Ack | (length === this.unsent ? Flag.Psh : 0));
      this.#timer.retransmission();
    } else {
      this.#resend(this.#sent.size - 1, noteTailLoss);
      if (this.#sent.first !== null) this.#timer.goOn(this.#sent.first);
    }
    this.#probedAt = this.next;
  }

  /** tcp_retransmit_timer. */
  #timedOut(): void {
    if (this.#hasGivenUp()) {
      this.#connection.timedOut();
      return;
    }
    this.timeouts++;
    this.congestion.timedOut(this.next);
    this.#sent.markLongerLost(0);
    this.#noteTrouble();
    this.#resend(0, noteTimeout);
    if (this.rtt.rto < MAXIMUM_RTO) this.rtt.backoff++;
    this.#timer.retransmission();
  }

  #hasGivenUp(): boolean {
    if (this.timeouts === 0 || this.#troubleSince < 0) return false;
    const elapsed = this.#connection.host.scheduler.now - this.#troubleSince;
    return elapsed >= modelTimeout(retryLimit(this.#connection, this.rtt.rto));
  }

  /** tcp_probe_timer: the peer's window is closed; ask again and again whether it has opened. */
  #probeWindow(): void {
    if (this.#sent.size > 0 || this.unsent === 0) return;
    if (this.#probes >= retryLimit(this.#connection, this.rtt.rto)) {
      this.#connection.timedOut();
      return;
    }
    this.#probes++;
    const room = distance(this.next, this.window.edge(this.una));
    if (room > 0) {
      this.#sendNew(Math.min(room, this.mss, this.unsent), Flag.Ack | Flag.Psh);
      this.#armAfterSending();
    } else {
      this.#connection.transmitter.probe(noteWindowProbe);
      this.#timer.windowProbe(true);
    }
  }
}
