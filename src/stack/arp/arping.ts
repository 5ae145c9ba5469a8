// arping of iputils 20221126 on one interface: announce an address (-U, -A), probe for a duplicate
// (-D, RFC 5227 2.1.1 as far as arping goes), or ask like ping does. One packet a second.
//
// As the original it looks at ARP by itself, next to the kernel: that a frame changes no neighbor
// entry does not keep arping from counting it. It does not look at other hosts' probes.

import { assert } from '../../base/assert.ts';
import type { Timer } from '../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../sim/time.ts';
import * as arp from '../../wire/arp.ts';
import { ANY_ADDRESS, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { BROADCAST_MAC, type MacAddress } from '../../wire/mac-address.ts';
import type { Interface } from '../device/interface.ts';
import type { Host } from '../host.ts';
import type { Arp } from './arp.ts';
import { requestSource } from './policy.ts';

/** `probe` is -D, `request` -U, `reply` -A; `ping` has no option. */
export type ArpingForm = 'probe' | 'request' | 'reply' | 'ping';

/** The command line of arping. */
export interface ArpingOptions {
  readonly iface: Interface;
  readonly address: Ipv4Address;
  readonly form: ArpingForm;
  /** -c: how many packets. */
  readonly count: number;
  /** -i: between two packets; default one second. */
  readonly interval?: Nanos;
  /** Shown in captures. */
  readonly note?: string | null;
}

/** How arping ended. */
export interface ArpingStatistics {
  readonly exitCode: 0 | 1;
  readonly sent: number;
  /** Replies and, with `probe`, requests whose sender address is the one in question. */
  readonly received: number;
  /** Who answered, in the order of the first answer. */
  readonly answeredBy: readonly MacAddress[];
}

/** What arping needs of its host. */
interface ArpingHost extends Host {
  readonly arp: Pick<Arp, 'listen' | 'send'>;
}

const DEFAULT_INTERVAL: Nanos = seconds(1);

/** One run of arping. Begins when it is made. */
export class Arping {
  readonly #host: ArpingHost;
  readonly #options: ArpingOptions;
  readonly #onDone: (statistics: ArpingStatistics) => void;
  readonly #source: Ipv4Address;
  readonly #answeredBy: MacAddress[] = [];
  readonly #stopListening: () => void;
  #timer: Timer | null = null;
  #statistics: ArpingStatistics | null = null;
  #target: MacAddress = BROADCAST_MAC;
  #sent = 0;
  #received = 0;

  /** Sends the first packet at once; `onDone` is called when arping would exit. */
  constructor(
    host: ArpingHost,
    options: ArpingOptions,
    onDone: (statistics: ArpingStatistics) => void,
  ) {
    assert(options.count > 0, 'arping sends something');
    this.#host = host;
    this.#options = options;
    this.#onDone = onDone;
    this.#source = this.#chooseSource();
    this.#stopListening = host.arp.listen((iface, packet) => this.#hear(iface, packet));
    this.#tick();
  }

  /** Null while it runs, and forever if the host loses power meanwhile. */
  get statistics(): ArpingStatistics | null {
    return this.#statistics;
  }

  /** Ends it now, as ^C does. */
  stop(): void {
    if (this.#statistics === null) this.#finish();
  }

  #chooseSource(): Ipv4Address {
    const { iface, address, form } = this.#options;
    if (form === 'probe') return ANY_ADDRESS;
    if (form !== 'ping') return address;
    return requestSource(this.#host, iface, address, ANY_ADDRESS);
  }

  #tick(): void {
    this.#timer = null;
    const { count, interval = DEFAULT_INTERVAL } = this.#options;
    if (!this.#host.powered) {
      this.#stopListening();
      return;
    }
    if (this.#sent >= count) {
      this.#finish();
      return;
    }
    this.#sent++;
    this.#transmit();
    // Even after the last announcement it waits for an interval (fixture 02, heard-by-owner).
    this.#timer = this.#host.scheduler.after(interval, tick, this, null);
  }

  #transmit(): void {
    const { iface, address, form } = this.#options;
    const isReply = form === 'reply';
    this.#host.arp.send(iface, {
      operation: isReply ? arp.Operation.Reply : arp.Operation.Request,
      senderIp: this.#source,
      targetIp: address,
      targetMac: isReply ? iface.mac : this.#target,
      destination: this.#target,
      note: this.#options.note ?? null,
    });
  }

  #hear(iface: Interface, packet: arp.Arp): void {
    const { address, form } = this.#options;
    if (iface !== this.#options.iface || packet.senderIp !== address) return;
    const isProbe = form === 'probe';
    const isForUs = isProbe
      ? packet.senderMac !== iface.mac
      : packet.targetIp === this.#source && packet.targetMac === iface.mac;
    if (!isForUs) return;
    this.#received++;
    if (!this.#answeredBy.includes(packet.senderMac)) this.#answeredBy.push(packet.senderMac);
    if (form === 'ping') this.#target = packet.senderMac;
    if (isProbe) this.#finish();
  }

  #finish(): void {
    if (this.#timer !== null) this.#host.scheduler.cancel(this.#timer);
    this.#timer = null;
    this.#stopListening();
    this.#statistics = {
      exitCode: this.#exitCode(),
      sent: this.#sent,
      received: this.#received,
      answeredBy: this.#answeredBy,
    };
    this.#onDone(this.#statistics);
  }

  /** -D fails when the address is in use, plain arping when it is not, announcing never. */
  #exitCode(): 0 | 1 {
    const { form } = this.#options;
    if (form === 'probe') return this.#received > 0 ? 1 : 0;
    if (form === 'ping') return this.#received > 0 ? 0 : 1;
    return 0;
  }

  /** Called by the scheduler. */
  tick(): void {
    this.#tick();
  }
}

function tick(arping: Arping): void {
  arping.tick();
}
