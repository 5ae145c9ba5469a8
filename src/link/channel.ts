// One direction of a cable: latency, rate with a bounded queue, impairments. The queue is a single
// number, the time at which the transmitter is free again; what waits is (free - now) * rate.
//
// Delivery never calls the peer directly: it goes through the scheduler, so that a device finishes
// one frame before it sees the next (no re-entrancy, bounded stack, one total order).

import type { Random } from '../sim/random.ts';
import type { Lane, Scheduler } from '../sim/scheduler.ts';
import type { Nanos } from '../sim/time.ts';
import * as ethernet from '../wire/ethernet.ts';
import type { Frame, FrameArena } from '../wire/frame.ts';
import { finishFrame } from '../wire/offload.ts';
import { type DropReason, LinkDrop } from './drop-reason.ts';
import type { Drops } from './drops.ts';
import type { FrameCarrier, Port } from './port.ts';

/** What may be wrong with a direction. Probabilities are 0..1 per frame, as in tc-netem(8). */
export interface ChannelSettings {
  readonly latency: Nanos;
  /** Extra delay, uniform over 0..jitter. Order is kept unless `reorder` says otherwise. */
  readonly jitter: Nanos;
  readonly loss: number;
  readonly duplicate: number;
  /** A frame so chosen skips the latency and overtakes those in flight. */
  readonly reorder: number;
  /** One bit, anywhere in the frame, is flipped. */
  readonly corrupt: number;
  /** Bits per second; null is unlimited. */
  readonly bandwidth: number | null;
  /** Octets that may wait for the transmitter when the bandwidth is limited. */
  readonly queueLimitBytes: number;
  /** Frames are padded to 60 octets, as a physical NIC does and veth does not. */
  readonly padded: boolean;
}

/** A cable that delivers everything in the same instant. */
export const PERFECT_CHANNEL: ChannelSettings = {
  latency: 0,
  jitter: 0,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  corrupt: 0,
  bandwidth: null,
  queueLimitBytes: 512 * 1024,
  padded: false,
};

/** Octets that a frame occupies on the wire beyond its own: preamble 8, FCS 4, gap 12 (802.3). */
const WIRE_OVERHEAD_BYTES = 24;

/** What a channel needs of the lab it lies in. */
export interface ChannelContext {
  readonly scheduler: Scheduler;
  readonly arena: FrameArena;
  readonly random: Random;
  readonly drops: Drops;
}

/** One direction of a cable, from one port to another. */
export class Channel implements FrameCarrier {
  readonly name: string;
  readonly #context: ChannelContext;
  readonly #to: Port;
  #settings: ChannelSettings = PERFECT_CHANNEL;
  #lane: Lane;
  #impaired = false;
  /** Whether frames get through: `#working` and `#carrier`, kept because every frame asks. */
  #up = true;
  #working = true;
  #carrier = true;
  #transmitterFree: Nanos = 0;
  #lastArrival: Nanos = 0;
  readonly #carryFinished = (frame: Frame): void => this.#carryImpaired(frame);

  constructor(name: string, to: Port, context: ChannelContext) {
    this.name = name;
    this.#to = to;
    this.#context = context;
    this.#lane = context.scheduler.sharedLane(0);
  }

  get settings(): ChannelSettings {
    return this.#settings;
  }

  /** Frames get through: this direction works, and the cable has a carrier. */
  get up(): boolean {
    return this.#up;
  }

  /** Down loses every frame from now on, regardless of the carrier; those in flight still arrive. */
  setUp(up: boolean): void {
    this.#working = up;
    this.#up = up && this.#carrier;
  }

  /** Called by the cable, which has one carrier for both directions. */
  setCarrier(carrier: boolean): void {
    this.#carrier = carrier;
    this.#up = this.#working && carrier;
  }

  /** Frames already in flight keep the delay they left with. */
  configure(settings: ChannelSettings): void {
    const { scheduler } = this.#context;
    this.#settings = settings;
    this.#impaired =
      settings.jitter > 0 ||
      settings.loss > 0 ||
      settings.duplicate > 0 ||
      settings.reorder > 0 ||
      settings.corrupt > 0 ||
      settings.bandwidth !== null ||
      settings.padded;
    // A fixed delay shares its lane with all others of the same delay; anything else needs its own.
    this.#lane = this.#impaired ? scheduler.lane() : scheduler.sharedLane(settings.latency);
    this.#lastArrival = 0;
  }

  carry(frame: Frame): void {
    if (!this.#up) {
      this.#drop(frame, LinkDrop.LinkDown);
    } else if (this.#impaired) {
      // A wire loses and delays what a wire carries: single segments.
      if (frame.offload === null) this.#carryImpaired(frame);
      else finishFrame(this.#context.arena, frame, this.#carryFinished);
    } else if (this.#settings.latency === 0) {
      this.#context.scheduler.post(arrive, this.#to, frame);
    } else {
      const { arena, scheduler } = this.#context;
      const arrival = scheduler.now + this.#settings.latency;
      this.#lane.push(arrival, arrive, this.#to, arena.keep(frame));
    }
  }

  #carryImpaired(frame: Frame): void {
    const { random } = this.#context;
    const { loss, corrupt, duplicate, padded } = this.#settings;
    if (random.chance(loss)) {
      this.#drop(frame, LinkDrop.Loss);
      return;
    }
    let carried = frame;
    if (padded && carried.length < ethernet.MINIMUM_WIRE_LENGTH) carried = this.#pad(carried);
    if (random.chance(corrupt)) carried = this.#flipBit(carried);
    this.#enqueue(carried);
    if (random.chance(duplicate)) this.#enqueue(carried);
  }

  #enqueue(frame: Frame): void {
    const { arena, scheduler, random } = this.#context;
    const { latency, jitter, reorder, bandwidth, queueLimitBytes } = this.#settings;
    const { now } = scheduler;
    let departure = now;
    if (bandwidth !== null) {
      const start = Math.max(now, this.#transmitterFree);
      const waitingBytes = ((start - now) * bandwidth) / 8e9;
      if (waitingBytes > queueLimitBytes) {
        this.#drop(frame, LinkDrop.QueueFull);
        return;
      }
      const bits = (Math.max(frame.length, 60) + WIRE_OVERHEAD_BYTES) * 8;
      departure = start + Math.round((bits * 1e9) / bandwidth);
      this.#transmitterFree = departure;
    }
    if (random.chance(reorder)) {
      scheduler.at(departure, arrive, this.#to, arena.keep(frame));
      return;
    }
    const extra = jitter > 0 ? random.integer(0, jitter) : 0;
    const arrival = Math.max(departure + latency + extra, this.#lastArrival);
    this.#lastArrival = arrival;
    this.#lane.push(arrival, arrive, this.#to, arena.keep(frame));
  }

  #pad(frame: Frame): Frame {
    const { arena } = this.#context;
    const padded = arena.allocate(ethernet.MINIMUM_WIRE_LENGTH);
    padded.bytes.fill(0, padded.start, padded.end);
    padded.bytes.set(frame.bytes.subarray(frame.start, frame.end), padded.start);
    return inherit(padded, frame);
  }

  #flipBit(frame: Frame): Frame {
    const { arena, random } = this.#context;
    const corrupted = arena.copy(frame);
    const at = corrupted.start + random.integer(0, corrupted.length - 1);
    corrupted.view.setUint8(at, corrupted.view.getUint8(at) ^ (1 << random.integer(0, 7)));
    inherit(corrupted, frame);
    corrupted.note = { text: 'corrupted by the link: one bit flipped' };
    return corrupted;
  }

  #drop(frame: Frame, reason: DropReason): void {
    this.#context.drops.count(reason, this.name, frame);
  }
}

function inherit(copy: Frame, original: Frame): Frame {
  copy.packetId = original.packetId;
  copy.note = original.note;
  copy.hops = original.hops;
  copy.sealed = true;
  return copy;
}

function arrive(to: Port, frame: Frame): void {
  to.deliver(frame);
}
