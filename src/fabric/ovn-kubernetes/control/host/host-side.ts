// The node side of ovnkube: keeps addresses on br-ex and what secondary networks need in step with the
// EgressIPs that the zone sees, and says in the node's annotations what it has done.

import type { Emitter } from '../../../../sim/event-log.ts';
import type { Scheduler } from '../../../../sim/scheduler.ts';
import { millis, type Nanos } from '../../../../sim/time.ts';
import type { EgressEvents } from '../../../egress-events.ts';
import type { HostNetwork } from '../../host-network.ts';
import {
  formatIp,
  type IpNetwork,
  isGlobalUnicast,
  networkContains,
  parseIp,
  parseIpNetwork,
} from '../../ip-text.ts';
import type { EgressIp } from '../../kinds/egress-ip.ts';
import type { Profile } from '../../profile.ts';
import { BRIDGE_ANNOTATION, HOST_CIDRS_ANNOTATION, SECONDARY_ANNOTATION } from '../annotations.ts';
import type { Voice } from '../sink.ts';
import type { ZoneController } from '../zone/zone-controller.ts';
import { BridgeAddresses } from './bridge-addresses.ts';
import { desiredConfig, type HostConfig, type LinkAddress } from './desired.ts';
import { LinkManager } from './link-manager.ts';
import { baseTable } from './nftables.ts';
import { SecondaryHosts } from './secondary-hosts.ts';

/** B33: rules, routes and translations come so much later than the policy that steers the pods. */
const LATE: Nanos = millis(50);

/** What the node side is made with. */
export interface HostSideOptions {
  readonly host: HostNetwork;
  readonly scheduler: Scheduler;
  readonly events: Emitter<EgressEvents>;
  readonly profile: Profile;
  readonly voice: Voice;
  readonly controller: ZoneController;
  readonly primary: readonly IpNetwork[];
  readonly clusterSubnets: readonly string[];
  /** What the annotations of the node say when the agent starts. */
  readonly recorded: (annotation: string) => readonly string[];
  /** Writes an annotation of the node. */
  readonly annotate: (annotation: string, values: readonly string[]) => void;
}

/** One node's addresses, rules and routes for egress IPs. */
export class HostSide {
  readonly #options: HostSideOptions;
  readonly #links: LinkManager;
  readonly #bridge: BridgeAddresses;
  readonly #secondary: SecondaryHosts;
  /** Objects with an IP of this node, as they were last looked at. */
  readonly #seen = new Map<string, EgressIp>();
  #cidrs: string | null = null;
  #pending = false;
  #stopped = false;
  #unlisten: () => void = () => undefined;

  constructor(options: HostSideOptions) {
    this.#options = options;
    const { annotate, events, host, primary, profile, recorded, scheduler, voice } = options;
    const { name: source } = host;
    this.#links = new LinkManager({
      host,
      scheduler,
      voice,
      zeroAnnouncements: profile.quirks.has('ovnk-zero-garp'),
      onAdded: (address) => events.emit(source, 'egress-ip-claimed', placeOf(address)),
      onRemoved: (address) => events.emit(source, 'egress-ip-released', placeOf(address)),
      onAnnounced: (address) => {
        for (const [index, form] of (['request', 'reply'] as const).entries()) {
          const number = `${index + 1}/2`;
          events.emit(source, 'egress-ip-announced', { ...placeOf(address), form, number });
        }
      },
    });
    this.#bridge = new BridgeAddresses({
      node: host.name,
      primary,
      takesSecondary: profile.quirks.has('ovnk-eip-wrong-link'),
      annotation: recorded(BRIDGE_ANNOTATION),
      annotate: (ips) => annotate(BRIDGE_ANNOTATION, ips),
      add: (address) => this.#add({ link: host.bridge, address }),
      remove: (address) => this.#remove({ link: host.bridge, address }),
    });
    this.#secondary = new SecondaryHosts({
      host,
      addAddress: (address) => this.#add(address),
      removeAddress: (address) => this.#remove(address),
      annotate: (ips) => annotate(SECONDARY_ANNOTATION, ips),
    });
  }

  /** Egress IPs that the node has as addresses now. */
  get addresses(): readonly string[] {
    const secondary = this.#secondary.config.addresses.map(({ address }) =>
      address.replace(/\/\d+$/, ''),
    );
    return [...new Set([...this.#bridge.held, ...secondary])].sort();
  }

  /** Everything is known: takes off what an earlier life left, and puts on what is missing. */
  start(): void {
    const { clusterSubnets, controller, host, profile, voice } = this.#options;
    if (profile.secondaryNetworks === 'nftables') {
      const table = baseTable({ ipv4: true, ipv6: false, clusterSubnets });
      if (typeof table === 'string') voice.log('E', 'nftables.go:88', table);
    }
    this.#links.start();
    const own = controller.view.egressIps.on(host.name);
    if (profile.bridgeAddresses) this.#bridge.sync(own);
    for (const ip of this.#bridge.held) this.#add({ link: host.bridge, address: `${ip}/32` });
    for (const object of own) this.#seen.set(object.metadata.name, object);
    if (profile.secondaryNetworks !== null) this.#repair();
    this.#apply();
    this.#unlisten = host.onLinksChanged(() => {
      if (this.#stopped) return;
      // Egress IPs are no addresses of the host, so its annotation stays as it is (B32: not so).
      if (this.#links.isActing && !profile.quirks.has('ovnk-eip-in-host-cidrs')) return;
      this.#links.sync();
      this.#writeCidrs();
      this.#apply();
    });
    this.#writeCidrs();
  }

  stop(): void {
    this.#stopped = true;
    this.#unlisten();
    this.#links.stop();
  }

  /** The zone has heard of something: of these EgressIPs, or of pods, namespaces and nodes. */
  update(changed: ReadonlySet<string>): void {
    const { profile, scheduler } = this.#options;
    let concernsSecondary = changed.size === 0;
    for (const name of changed) if (this.#look(name)) concernsSecondary = true;
    if (profile.secondaryNetworks === null || this.#pending || !concernsSecondary) return;
    if (!profile.quirks.has('ovnk-secondary-early-lrp')) {
      this.#apply();
      return;
    }
    this.#pending = true;
    scheduler.after(LATE, applyLater, this, null);
  }

  /** Follows one object; returns whether it has an IP of a secondary network here, or had. */
  #look(name: string): boolean {
    const { controller, host, profile, voice } = this.#options;
    const before = this.#seen.get(name);
    const after = controller.view.egressIps.objects.get(name);
    if (before === after) return false;
    if (after?.status?.items.some(({ node }) => node === host.name) === true) {
      this.#seen.set(name, after);
    } else this.#seen.delete(name);
    if (profile.bridgeAddresses) {
      const { error } = this.#bridge.change(before ?? null, after ?? null);
      if (error !== null) voice.log('E', 'gateway_egressip.go:143', error);
    }
    return [before, after].some((object) => object !== undefined && this.#isSecondary(object));
  }

  #isSecondary({ status }: EgressIp): boolean {
    const { host, primary } = this.#options;
    const items = status?.items ?? [];
    return items.some(({ egressIP, node }) => {
      const ip = node === host.name ? parseIp(egressIP) : null;
      return ip !== null && !primary.some((network) => networkContains(network, ip));
    });
  }

  /** Called by the timer of `update`. */
  applyNow(): void {
    this.#pending = false;
    if (!this.#stopped) this.#apply();
  }

  #apply(): void {
    if (this.#options.profile.secondaryNetworks !== null) this.#secondary.apply(this.#desired());
  }

  #repair(): void {
    const { host, recorded } = this.#options;
    const ips = new Set(recorded(SECONDARY_ANNOTATION));
    const addresses = host
      .links()
      .flatMap(({ addresses: all, name }) =>
        all.flatMap((address): LinkAddress[] =>
          ips.has(address.replace(/\/\d+$/, '')) && name !== host.bridge
            ? [{ link: name, address }]
            : [],
        ),
      );
    this.#secondary.repair({ ...host.egressState(), addresses }, this.#desired());
  }

  #desired(): HostConfig {
    const { controller, host, primary } = this.#options;
    const { view } = controller;
    return desiredConfig({
      node: host.name,
      primary,
      links: host.links(),
      egressIps: view.egressIps.on(host.name),
      podsOf: (object) => view.facts(object).pods,
    });
  }

  #add(address: LinkAddress): void {
    const { events, host, voice } = this.#options;
    const error = this.#links.add(address);
    if (error === null) return;
    voice.log(
      'E',
      'link_network_manager.go:190',
      `failed to add address ${address.address}: ${error}`,
    );
    const ip = address.address.replace(/\/\d+$/, '');
    events.emit(host.name, 'egress-ip-claim-failed', { ip, error });
  }

  #remove(address: LinkAddress): void {
    const error = this.#links.remove(address);
    if (error === null) return;
    const text = `failed to remove address ${address.address}: ${error}`;
    this.#options.voice.log('E', 'link_network_manager.go:240', text);
  }

  /** Every global address but those of egress IPs; B32 writes those of br-ex down as well. */
  #writeCidrs(): void {
    const { annotate, host, profile } = this.#options;
    const own = new Set(profile.quirks.has('ovnk-eip-in-host-cidrs') ? [] : this.addresses);
    const cidrs = host.links().flatMap(({ addresses }) =>
      addresses.filter((text) => {
        const address = parseIpNetwork(text);
        return address !== null && isGlobalUnicast(address) && !own.has(formatIp(address));
      }),
    );
    const text = cidrs.join();
    if (text === this.#cidrs) return;
    this.#cidrs = text;
    annotate(HOST_CIDRS_ANNOTATION, cidrs);
  }
}

function placeOf({ address, link }: LinkAddress): {
  readonly ip: string;
  readonly interface: string;
} {
  return { ip: address.replace(/\/\d+$/, ''), interface: link };
}

function applyLater(side: HostSide): void {
  side.applyNow();
}
