// Kernel settings of one host, set by name as sysctl(8) does: which interfaces `all`, `default` and a
// short name mean, and how conf.all and conf.<if> merge into what holds. `net.ipv4.conf.<if>.*` and
// `net.ipv4.neigh.<if>.*` exist per interface, the rest per host. The values are in values.ts.

import { EgressLabError } from '../../base/errors.ts';
import { hintAmong, suggest } from '../../base/suggest.ts';
import { requireInRange } from './ranges.ts';
import {
  DEFAULT_HOST_CONF,
  DEFAULT_INTERFACE_CONF,
  DEFAULT_NEIGHBOR_CONF,
  type HostConf,
  type InterfaceConf,
  type NeighborConf,
  SYSCTL_NAMES,
} from './values.ts';

const CONF_NAMES = Object.keys(DEFAULT_INTERFACE_CONF) as readonly (keyof InterfaceConf)[];

/** conf.all and conf.<if> are merged by maximum (IN_DEV_MAXCONF, IN_DEV_ORCONF), except these. */
const OWN_VALUE_ONLY: ReadonlySet<keyof InterfaceConf> = new Set<keyof InterfaceConf>([
  'forwarding',
]);
/** Merged by minimum (IN_DEV_ANDCONF). */
const BOTH_MUST_AGREE: ReadonlySet<keyof InterfaceConf> = new Set<keyof InterfaceConf>([
  'arp_evict_nocarrier',
]);
/** On interfaces that forward both must agree, elsewhere either will do (IN_DEV_RX_REDIRECTS). */
const STRICT_WHERE_FORWARDING: ReadonlySet<keyof InterfaceConf> = new Set<keyof InterfaceConf>([
  'accept_redirects',
]);

/** The older form of unres_qlen_bytes counts full Ethernet frames, each of this truesize (SKB_TRUESIZE(1514)). */
const UNRES_QLEN_FRAME_BYTES = 2_090;

/** The per-interface part: what is set on it, and the effective values the data path reads. */
export interface InterfaceSysctls {
  readonly own: InterfaceConf;
  readonly conf: InterfaceConf;
  readonly neigh: NeighborConf;
}

/** An interface follows the defaults, value by value, until it has a value or an address of its own. */
interface Entry extends InterfaceSysctls {
  readonly chosen: (keyof InterfaceConf | keyof NeighborConf)[];
  settled: boolean;
}

/** All sysctls of one host. */
export class SysctlTree {
  readonly host: HostConf = { ...DEFAULT_HOST_CONF };
  readonly #all: InterfaceConf = { ...DEFAULT_INTERFACE_CONF };
  readonly #defaultConf: InterfaceConf = { ...DEFAULT_INTERFACE_CONF };
  readonly #defaultNeigh: NeighborConf = { ...DEFAULT_NEIGHBOR_CONF };
  readonly #interfaces = new Map<string, Entry>();
  /** Until a value was set, conf.all is conf.default, and there is nothing to merge. */
  #changed = false;

  /** net.ipv4.neigh.default.*: what new interfaces start with. */
  get neighborDefaults(): Readonly<NeighborConf> {
    return this.#defaultNeigh;
  }

  /** A new interface inherits conf.default and neigh.default, as in Linux. */
  addInterface(name: string): InterfaceSysctls {
    const entry: Entry = {
      own: { ...this.#defaultConf },
      conf: { ...this.#defaultConf },
      neigh: { ...this.#defaultNeigh },
      chosen: [],
      settled: false,
    };
    this.#interfaces.set(name, entry);
    if (this.#changed) for (const each of CONF_NAMES) this.#merge(entry, each);
    return entry;
  }

  /** The interface got an address: from now on the defaults are no matter of it (ipv4_devconf_setall). */
  settle(name: string): void {
    this.#interface(name).settled = true;
  }

  /**
   * Sets a value by Linux's full name ('net.ipv4.conf.eth0.arp_ignore'), or by its short name
   * ('arp_ignore'), which then means the whole host, or one interface if `interfaceName` is given.
   * @throws EgressLabError EGL_UNKNOWN_SYSCTL; EGL_SYSCTL_VALUE for what Linux answers EINVAL to
   */
  set(name: string, value: number, interfaceName: string | null = null): void {
    const { kind, target, short } = parse(name, interfaceName);
    this.#changed = true;
    if (isSysctl(short)) requireInRange(name, short, value);
    if (kind === 'none') this.#unknown(name, short);
    else if (kind !== 'neigh' && kind !== 'host' && isKey(DEFAULT_INTERFACE_CONF, short)) {
      this.#setConf(short, value, target);
    } else if (kind !== 'conf' && kind !== 'host' && isKey(DEFAULT_NEIGHBOR_CONF, short)) {
      this.#setNeigh(short, value, target);
    } else if (kind !== 'conf' && kind !== 'host' && short === 'unres_qlen') {
      this.#setNeigh('unres_qlen_bytes', value * UNRES_QLEN_FRAME_BYTES, target);
    } else if (kind !== 'conf' && short === 'ip_forward') {
      this.#setForwarding(value);
    } else if (kind !== 'conf' && isKey(DEFAULT_HOST_CONF, short)) {
      this.host[short] = value;
    } else {
      this.#unknown(name, short);
    }
  }

  #setConf(name: keyof InterfaceConf, value: number, target: string | null): void {
    if (target === null || target === 'all') {
      if (name === 'forwarding') {
        this.#setForwarding(value);
        return;
      }
      this.#all[name] = value;
      if (target === null) {
        this.#defaultConf[name] = value;
        for (const entry of this.#interfaces.values()) entry.own[name] = value;
      }
    } else if (target === 'default') {
      this.#defaultConf[name] = value;
      // devinet_copy_dflt_conf; `forwarding` has a handler of its own, which does not (measured: 6.18).
      const copied = name === 'forwarding' ? [] : this.#undecided(name);
      for (const entry of copied) entry.own[name] = value;
    } else {
      const entry = this.#interface(target);
      entry.own[name] = value;
      entry.chosen.push(name);
    }
    this.#mergeAll(name);
  }

  /**
   * net.ipv4.ip_forward, which is conf.all.forwarding: a change sets every interface and the default,
   * and a router does not believe redirects (inet_forward_change); no change does nothing.
   */
  #setForwarding(value: number): void {
    if (value === this.host.ip_forward) return;
    this.host.ip_forward = value;
    this.#all.forwarding = value;
    this.#all.accept_redirects = value > 0 ? 0 : 1;
    this.#defaultConf.forwarding = value;
    for (const entry of this.#interfaces.values()) entry.own.forwarding = value;
    this.#mergeAll('forwarding');
  }

  #setNeigh(name: keyof NeighborConf, value: number, target: string | null): void {
    if (target === null || target === 'default') this.#defaultNeigh[name] = value;
    if (target === null) for (const entry of this.#interfaces.values()) entry.neigh[name] = value;
    // neigh_copy_dflt_parms
    else if (target === 'default')
      for (const each of this.#undecided(name)) each.neigh[name] = value;
    else {
      const entry = this.#interface(target);
      entry.neigh[name] = value;
      entry.chosen.push(name);
    }
  }

  #undecided(name: keyof InterfaceConf | keyof NeighborConf): Entry[] {
    return [...this.#interfaces.values()].filter(
      ({ settled, chosen }) => !settled && !chosen.includes(name),
    );
  }

  /** A value changed, and with `forwarding` the way in which the strict ones are merged. */
  #mergeAll(name: keyof InterfaceConf): void {
    for (const entry of this.#interfaces.values()) {
      this.#merge(entry, name);
      if (name === 'forwarding')
        for (const each of STRICT_WHERE_FORWARDING) this.#merge(entry, each);
    }
  }

  #interface(name: string): Entry {
    const entry = this.#interfaces.get(name);
    if (entry !== undefined) return entry;
    const known = [...this.#interfaces.keys()];
    throw new EgressLabError('EGL_UNKNOWN_INTERFACE', `there is no interface "${name}"`, {
      hint: hintAmong(name, known),
    });
  }

  #merge({ conf, own }: InterfaceSysctls, name: keyof InterfaceConf): void {
    const value = own[name];
    const all = this.#all[name];
    if (OWN_VALUE_ONLY.has(name)) conf[name] = value;
    else if (
      BOTH_MUST_AGREE.has(name) ||
      (STRICT_WHERE_FORWARDING.has(name) && own.forwarding > 0)
    ) {
      conf[name] = Math.min(value, all);
    } else conf[name] = Math.max(value, all);
  }

  #unknown(name: string, short: string): never {
    const known = [...SYSCTL_NAMES.interface, ...SYSCTL_NAMES.neighbor, ...SYSCTL_NAMES.host];
    const near = suggest(short, known);
    throw new EgressLabError('EGL_UNKNOWN_SYSCTL', `the sysctl "${name}" is not modeled`, {
      hint: near === null ? `Known: ${known.join(', ')}.` : `Did you mean "${near}"?`,
    });
  }
}

/** Which table a name speaks of; `any` for a short name, which is in one table only. */
interface Parsed {
  readonly kind: 'any' | 'conf' | 'neigh' | 'host' | 'none';
  readonly target: string | null;
  readonly short: string;
}

/** Dots and slashes are the same, as for sysctl(8); the name of an interface may contain them. */
function parse(name: string, interfaceName: string | null): Parsed {
  const dotted = name.replaceAll('/', '.');
  if (!dotted.includes('.')) return { kind: 'any', target: interfaceName, short: name };
  const [, kind, target = '', setting = ''] =
    /^net\.ipv4\.(conf|neigh)\.(.+)\.(\w+)$/.exec(dotted) ?? [];
  if (kind === 'conf' || kind === 'neigh') return { kind, target, short: setting };
  const host = /^net\.(?:ipv4|ipv4\.route|netfilter)\.(\w+)$/.exec(dotted)?.[1];
  if (host !== undefined) return { kind: 'host', target: null, short: host };
  return { kind: 'none', target: null, short: dotted.slice(dotted.lastIndexOf('.') + 1) };
}

function isSysctl(short: string): boolean {
  return Object.values(SYSCTL_NAMES).some((names) => names.includes(short));
}

/** Own keys only: 'constructor' is no sysctl. */
function isKey<T extends object>(table: T, key: string): key is keyof T & string {
  return Object.hasOwn(table, key);
}
