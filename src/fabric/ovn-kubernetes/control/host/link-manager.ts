// Keeps egress addresses on links (node/linkmanager/link_network_manager.go): each one that it has to add is
// announced, by a gratuitous ARP request and a reply; removal says nothing. A resync every two minutes, and
// any event of a link, puts back what somebody took off.

import type { Scheduler, Timer } from '../../../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../../../sim/time.ts';
import type { HostNetwork, HostOutcome } from '../../host-network.ts';
import type { Voice } from '../sink.ts';
import type { LinkAddress } from './desired.ts';

const RESYNC_INTERVAL: Nanos = seconds(120);
const FILE = 'link_network_manager.go';

/** The verbs that a link manager needs. */
export type LinkHost = Pick<
  HostNetwork,
  'hasAddress' | 'addAddress' | 'removeAddress' | 'announce'
>;

/** What a link manager is made with. */
export interface LinkManagerOptions {
  readonly host: LinkHost;
  readonly scheduler: Scheduler;
  readonly voice: Voice;
  /** B7: announcements carry 0.0.0.0. */
  readonly zeroAnnouncements: boolean;
  /** Told of what was put on and taken off. */
  readonly onAdded?: (address: LinkAddress) => void;
  readonly onRemoved?: (address: LinkAddress) => void;
  readonly onAnnounced?: (address: LinkAddress) => void;
}

/** Keeps addresses on links. */
export class LinkManager {
  readonly #options: LinkManagerOptions;
  readonly #wanted = new Map<string, LinkAddress>();
  #timer: Timer | null = null;
  #isActing = false;

  constructor(options: LinkManagerOptions) {
    this.#options = options;
  }

  /** While it puts on or takes off an address itself: the event of that is no news. */
  get isActing(): boolean {
    return this.#isActing;
  }

  start(): void {
    const options = { background: true };
    this.#timer = this.#options.scheduler.after(RESYNC_INTERVAL, resync, this, null, options);
  }

  stop(): void {
    if (this.#timer !== null) this.#options.scheduler.cancel(this.#timer);
    this.#timer = null;
  }

  /** Wants an address; what the kernel refuses, or null. */
  add(address: LinkAddress): string | null {
    this.#wanted.set(keyOf(address), address);
    return this.#ensure(address);
  }

  /** Wants it no more; a link that is missing is fine. */
  remove(address: LinkAddress): string | null {
    const { host, onRemoved } = this.#options;
    this.#wanted.delete(keyOf(address));
    if (!host.hasAddress(address.link, address.address)) return null;
    const outcome = this.#act(() => host.removeAddress(address.link, address.address));
    if (outcome.kind === 'failed') return outcome.error;
    onRemoved?.(address);
    return null;
  }

  /** Puts back what is missing; called by its timer, and whenever links change. */
  sync(): void {
    for (const address of this.#wanted.values()) this.#ensure(address);
  }

  /** Called by the timer. */
  tick(): void {
    this.start();
    this.sync();
  }

  #ensure(address: LinkAddress): string | null {
    const { host, onAdded, onAnnounced, voice, zeroAnnouncements } = this.#options;
    if (host.hasAddress(address.link, address.address)) return null;
    const outcome = this.#act(() => host.addAddress(address.link, address.address));
    if (outcome.kind === 'failed') return outcome.error;
    onAdded?.(address);
    const ip = address.address.replace(/\/\d+$/, '');
    if (!host.announce(address.link, ip, zeroAnnouncements)) return null;
    onAnnounced?.(address);
    voice.log(
      'I',
      `${FILE}:212`,
      `BroadcastGARP: completed GARP broadcast for IP ${ip} on interface ${address.link}`,
    );
    return null;
  }

  #act(action: () => HostOutcome): HostOutcome {
    this.#isActing = true;
    const outcome = action();
    this.#isActing = false;
    return outcome;
  }
}

function keyOf({ address, link }: LinkAddress): string {
  return `${link} ${address}`;
}

function resync(manager: LinkManager): void {
  manager.tick();
}
