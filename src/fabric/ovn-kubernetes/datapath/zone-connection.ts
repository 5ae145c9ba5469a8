// One connection of a zone, and how long each state lives without packets.

import { type FiveTuple, Tuple } from '../../../nat/conntrack/tuple.ts';
import { type Nanos, seconds } from '../../../sim/time.ts';
import { IpProtocol } from '../../../wire/numbers.ts';
import * as tcp from '../../../wire/tcp.ts';

/** Defaults of the userspace datapath (lib/conntrack-tp.c). */
const TIMEOUT = {
  tcpOpening: seconds(30),
  tcpEstablished: seconds(86_400),
  tcpFinWait: seconds(45),
  tcpClosed: seconds(30),
  udp: seconds(60),
  udpAnswered: seconds(30),
  icmp: seconds(60),
  icmpAnswered: seconds(30),
} as const;

/** Both ends have sent FIN. */
const BOTH = 3;

/** One connection of a zone. */
export class ZoneConnection {
  readonly original: Tuple<ZoneConnection>;
  readonly reply: Tuple<ZoneConnection>;
  /** Its source is not what it was. */
  readonly translated: boolean;
  /** Counts the connections of its zone. */
  readonly sequence: number;
  readonly created: Nanos;
  /** ct_mark: in br-ex 1 for the gateway router, 2 for the node itself. */
  mark = 0;
  expires: Nanos = 0;
  /** Some packet went in the reply direction: from then on packets are established. */
  answered = false;
  #fins = 0;
  #reset = false;

  constructor(
    original: FiveTuple,
    reply: FiveTuple,
    translated: boolean,
    sequence: number,
    created: Nanos,
  ) {
    this.sequence = sequence;
    this.created = created;
    this.original = new Tuple<ZoneConnection>(this, false, original);
    this.reply = new Tuple<ZoneConnection>(this, true, reply);
    this.translated = translated;
  }

  /** One more packet; `tcpFlags` is 0 for other protocols. */
  update(now: Nanos, isReply: boolean, tcpFlags: number): void {
    if (isReply) this.answered = true;
    if ((tcpFlags & tcp.Flag.Fin) !== 0) this.#fins |= isReply ? 2 : 1;
    if ((tcpFlags & tcp.Flag.Rst) !== 0) this.#reset = true;
    this.expires = now + this.#timeout();
  }

  /** A SYN that comes now begins another connection in this one's place. */
  get closed(): boolean {
    return this.#reset || this.#fins === BOTH;
  }

  /** As `ovs-appctl dpctl/dump-conntrack` calls it; null for protocols without states. */
  get state(): string | null {
    if (this.original.protocol !== IpProtocol.Tcp) return null;
    if (this.#reset) return 'CLOSE';
    if (this.#fins === BOTH) return 'TIME_WAIT';
    if (this.#fins > 0) return 'FIN_WAIT';
    return this.answered ? 'ESTABLISHED' : 'SYN_SENT';
  }

  #timeout(): Nanos {
    switch (this.original.protocol) {
      case IpProtocol.Tcp:
        if (this.closed) return TIMEOUT.tcpClosed;
        if (this.#fins > 0) return TIMEOUT.tcpFinWait;
        return this.answered ? TIMEOUT.tcpEstablished : TIMEOUT.tcpOpening;
      case IpProtocol.Icmp:
        return this.answered ? TIMEOUT.icmpAnswered : TIMEOUT.icmp;
      default:
        return this.answered ? TIMEOUT.udpAnswered : TIMEOUT.udp;
    }
  }
}
