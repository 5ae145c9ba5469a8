// What tcpdump and the neighbor monitor of the scripts would have seen in the lab.

import { observePort } from '../../src/capture/observation.ts';
import type { LabEvents } from '../../src/lab/events.ts';
import type { Port } from '../../src/link/port.ts';
import type { Switch } from '../../src/link/switch.ts';
import type { EventLog } from '../../src/sim/event-log.ts';
import type { Scheduler } from '../../src/sim/scheduler.ts';
import { neighborStateName } from '../../src/stack/neighbor/state.ts';
import type { NetworkStack } from '../../src/stack/stack.ts';
import type { Frame } from '../../src/wire/frame.ts';
import { formatIpv4 } from '../../src/wire/ipv4-address.ts';
import { formatMac } from '../../src/wire/mac-address.ts';
import { decodeFrame, type Seen } from './decode.ts';
import type { Roles } from './fixture.ts';

/** A raw frame at a capture point, for the pcapng that a mismatch leaves behind. */
export interface RawFrame {
  readonly at: string;
  /** Nanoseconds of lab time. */
  readonly time: number;
  readonly frame: Frame;
}

/** One state of a neighbor entry as the monitor noted it. */
export interface NeighborNote {
  readonly t: number;
  readonly host: string;
  readonly dev: string;
  /** The address, not its role. */
  readonly ip: string;
  readonly state: string;
  readonly lladdr: string | null;
}

/** The script's monitor polls so often; a state of which netlink says nothing may be shorter. */
const POLL_INTERVAL_SECONDS = 0.02;
/** gt.py drops an INCOMPLETE that was answered: whether a poll meets it is luck. */
const BRIEF_SECONDS = 0.03;
/** Entered without a netlink message: seen by polls only. */
const UNANNOUNCED: readonly string[] = ['DELAY', 'INCOMPLETE'];
const WITHOUT_MAC: readonly string[] = ['INCOMPLETE', 'FAILED', 'GONE', 'NONE'];
/** A relative TCP number beyond this belongs to another connection with the same four numbers. */
const FOREIGN = 100_000_000;

export class Recorder {
  readonly seen: Seen[] = [];
  readonly raw: RawFrame[] = [];
  readonly #notes: NeighborNote[] = [];
  readonly #scheduler: Scheduler;
  readonly #roles: Roles;
  /** Initial sequence numbers by capture point and direction. */
  readonly #initial = new Map<string, number>();
  readonly #monitored = new Set<string>();

  constructor(scheduler: Scheduler, events: EventLog<LabEvents>, roles: Roles) {
    this.#scheduler = scheduler;
    this.#roles = roles;
    events.subscribe((event) => {
      if (event.kind !== 'neighbor-changed' || !this.#monitored.has(event.source)) return;
      const { at, source, fields } = event;
      this.#notes.push({
        t: at / 1e9,
        host: source,
        dev: fields.interface,
        ip: fields.address,
        state: fields.state,
        lladdr: fields.mac,
      });
    });
  }

  /** tcpdump on the bridge device: every frame that comes into a forwarding port, once. */
  captureSwitch(label: string, bridge: Switch): void {
    for (const port of bridge.ports) {
      observePort(port, (_port, frame, direction) => {
        if (direction === 'in' && bridge.forwards(port)) this.#record(label, frame);
      });
    }
  }

  /** tcpdump on an interface: both directions; on lo each packet once, as libpcap does. */
  capturePort(label: string, port: Port, isLoopback: boolean, accepts: Filter): void {
    observePort(port, (_port, frame, direction) => {
      if (isLoopback && direction === 'out') return;
      this.#record(label, frame, accepts);
    });
  }

  /** The neighbor monitor on a host: what is there, then what changes. */
  monitor(stack: NetworkStack): void {
    this.#monitored.add(stack.name);
    for (const entry of stack.neighbors.entries()) {
      this.#notes.push({
        t: this.#scheduler.now / 1e9,
        host: stack.name,
        dev: entry.iface.name,
        ip: formatIpv4(entry.address),
        state: neighborStateName(entry.state),
        lladdr: entry.valid ? formatMac(entry.mac) : null,
      });
    }
  }

  /** The states that polls every 20 ms and netlink's messages show, in order of time. */
  neighborNotes(): NeighborNote[] {
    const next = new Map<string, NeighborNote>();
    const visible: NeighborNote[] = [];
    for (const note of [...this.#notes].reverse()) {
      const key = `${note.host} ${note.dev} ${note.ip}`;
      const lasts = (next.get(key)?.t ?? Number.POSITIVE_INFINITY) - note.t;
      next.set(key, note);
      if (note.state === 'NONE') continue;
      if (UNANNOUNCED.includes(note.state) && lasts < POLL_INTERVAL_SECONDS) continue;
      if (note.state === 'INCOMPLETE' && lasts < BRIEF_SECONDS) continue;
      const lladdr = WITHOUT_MAC.includes(note.state) ? null : note.lladdr;
      visible.push({ ...note, lladdr });
    }
    return withoutRepetitions(visible.reverse());
  }

  #record(label: string, frame: Frame, accepts: Filter = () => true): void {
    const { now } = this.#scheduler;
    const bytes = frame.bytes.subarray(frame.start, frame.end);
    const seen = decodeFrame(bytes, now / 1e9, label, this.#roles);
    if (!accepts(seen)) return;
    if (seen.kind === 'tcp') this.#number(seen);
    this.seen.push(seen);
    this.raw.push({ at: label, time: now, frame });
  }

  /** TCP numbers relative to the SYNs seen at this capture point. */
  #number(seen: Seen): void {
    const { at, src, sport, dst, dport, flags, rawSeq = 0, rawAck = 0 } = seen;
    if (flags === undefined) return;
    const forward = `${at} ${src}:${sport} ${dst}:${dport}`;
    const backward = `${at} ${dst}:${dport} ${src}:${sport}`;
    if (flags.includes('S')) this.#initial.set(forward, rawSeq);
    const own = this.#initial.get(forward);
    const peer = this.#initial.get(backward);
    if (own !== undefined) seen.seq = relative(rawSeq, own);
    if (flags.includes('A') && peer !== undefined) seen.ack = relative(rawAck, peer);
  }
}

export type Filter = (seen: Seen) => boolean;

function relative(value: number, initial: number): number | 'foreign' {
  const distance = (value - initial) >>> 0;
  return distance > FOREIGN ? 'foreign' : distance;
}

function withoutRepetitions(notes: readonly NeighborNote[]): NeighborNote[] {
  const last = new Map<string, string>();
  return notes.filter(({ host, dev, ip, state, lladdr }) => {
    const key = `${host} ${dev} ${ip}`;
    const current = `${state} ${lladdr}`;
    const known = last.get(key);
    if (known === current || (state === 'GONE' && known === undefined)) return false;
    if (state === 'GONE') last.delete(key);
    else last.set(key, current);
    return true;
  });
}
