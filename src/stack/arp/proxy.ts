// Proxy ARP: the addresses that `ip neigh add proxy` publishes, and the requests that wait before
// they are answered, so that a true owner on the segment comes first (pneigh_enqueue and
// neigh_proxy_process, net/core/neighbour.c). Whether a request is ours to answer: policy.ts.

import { assert } from '../../base/assert.ts';
import type { Random } from '../../sim/random.ts';
import type { Timer } from '../../sim/scheduler.ts';
import { millis, type Nanos } from '../../sim/time.ts';
import type { Frame } from '../../wire/frame.ts';
import { formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { formatMac } from '../../wire/mac-address.ts';
import type { Interface } from '../device/interface.ts';
import type { Host } from '../host.ts';

/** `proxy_delay` counts in USER_HZ. */
const USER_HZ: Nanos = millis(10);

/** Called when the delay of a request is over. */
export type ProxyRedo = (frame: Frame, l3: number, iface: Interface) => void;

interface Waiting {
  readonly frame: Frame;
  readonly l3: number;
  readonly iface: Interface;
  timer: Timer | null;
}

/** What publishing needs of a host. */
export type ProxyHost = Pick<Host, 'name' | 'scheduler' | 'events'>;

/** The addresses that one host publishes for others. */
export class ProxyArp {
  readonly #host: ProxyHost;
  readonly #random: Random;
  readonly #redo: ProxyRedo;
  /** By interface index. */
  readonly #published: (Set<Ipv4Address> | undefined)[] = [];
  readonly #waiting = new Set<Waiting>();

  constructor(host: ProxyHost, random: Random, redo: ProxyRedo) {
    this.#host = host;
    this.#random = random;
    this.#redo = redo;
  }

  /** `ip neigh add proxy <address> dev <iface>`. The host must forward, and route the address elsewhere. */
  publish(iface: Interface, address: Ipv4Address): void {
    const published = this.#published[iface.index] ?? new Set();
    this.#published[iface.index] = published;
    if (published.has(address)) return;
    published.add(address);
    const { events, name: holder } = this.#host;
    events.emit(holder, 'claim-added', {
      address: formatIpv4(address),
      holder,
      interface: iface.name,
      mac: formatMac(iface.mac),
    });
  }

  /** `ip neigh del proxy`. False if it was not published. */
  withdraw(iface: Interface, address: Ipv4Address): boolean {
    if (this.#published[iface.index]?.delete(address) !== true) return false;
    const { events, name: holder } = this.#host;
    const fields = { address: formatIpv4(address), holder, interface: iface.name };
    events.emit(holder, 'claim-removed', fields);
    return true;
  }

  /** What it publishes on an interface, in the order of adding. */
  published(iface: Interface): readonly Ipv4Address[] {
    return [...(this.#published[iface.index] ?? [])];
  }

  isPublished(iface: Interface, address: Ipv4Address): boolean {
    return this.#published[iface.index]?.has(address) ?? false;
  }

  /** Keeps a sealed request for a random part of proxy_delay; false if proxy_qlen of them wait already. */
  delay(frame: Frame, l3: number, iface: Interface): boolean {
    assert(frame.sealed, 'a request that waits came from a port');
    let queued = 0;
    for (const other of this.#waiting) if (other.iface === iface) queued++;
    if (queued > iface.neigh.proxy_qlen) return false;
    const waiting: Waiting = { frame, l3, iface, timer: null };
    const delay = this.#random.integer(0, iface.neigh.proxy_delay * USER_HZ - 1);
    waiting.timer = this.#host.scheduler.after(delay, answer, this, waiting);
    this.#waiting.add(waiting);
    return true;
  }

  withdrawAll(iface: Interface): void {
    for (const address of this.published(iface)) this.withdraw(iface, address);
  }

  /** Requests of the interface that wait are not answered. */
  purge(iface: Interface): void {
    for (const waiting of this.#waiting) {
      if (waiting.iface !== iface) continue;
      this.#waiting.delete(waiting);
      if (waiting.timer !== null) this.#host.scheduler.cancel(waiting.timer);
    }
  }

  /** The delay of one request is over. Called by the scheduler. */
  answer(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    this.#redo(waiting.frame, waiting.l3, waiting.iface);
  }
}

function answer(proxy: ProxyArp, waiting: Waiting): void {
  proxy.answer(waiting);
}
