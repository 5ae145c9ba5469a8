// A host of the kernel: a network namespace that is configured as a case says, and a second one for
// the far ends of its cables. Both are gone when the host is disposed of.

import { withinNamespace } from '../../src/platform/linux/network-namespace.ts';
import type { Deed, HostConfig } from './case.ts';
import { KernelCables } from './kernel-cables.ts';
import { KernelListeners, SocketType } from './kernel-listeners.ts';
import { namespaceName, run, setSysctl } from './kernel-namespaces.ts';
import { routeText, ruleset, ruleText, tracks } from './kernel-ruleset.ts';
import { tidyConnection } from './lab-side.ts';

/** The lab has neither selective acknowledgments nor ECN. */
const KERNEL_ONLY: readonly (readonly [string, number])[] = [
  ['net.ipv4.tcp_sack', 0],
  ['net.ipv4.tcp_ecn', 0],
];

export class KernelHost implements Disposable {
  readonly #host: string;
  readonly #far: string;
  readonly #config: HostConfig;
  readonly #listeners = new KernelListeners();
  readonly cables: KernelCables = new KernelCables();

  constructor(config: HostConfig) {
    this.#config = config;
    this.#host = namespaceName();
    this.#far = `${this.#host}f`;
    try {
      this.#build();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  #build(): void {
    const { interfaces, loopback, routes, rules = [] } = this.#config;
    run('ip', ['-batch', '-'], `netns add ${this.#host}\nnetns add ${this.#far}\n`);
    for (const name of [this.#host, this.#far]) {
      withinNamespace(name, () => {
        setSysctl('net.ipv6.conf.all.disable_ipv6', 1);
        setSysctl('net.ipv6.conf.default.disable_ipv6', 1);
      });
    }
    const lines = interfaces.map(
      ({ name, mac, mtu }) =>
        `link add ${name} address ${mac} mtu ${mtu} type veth peer name ${name} netns ${this.#far}`,
    );
    lines.push('link set lo up');
    this.#ip(this.#host, lines);
    withinNamespace(this.#host, () => {
      for (const [name, value] of [...KERNEL_ONLY, ...this.#config.sysctls]) {
        if (!name.startsWith('net.netfilter')) setSysctl(name, value);
      }
    });
    this.#ip(
      this.#far,
      interfaces.map(({ name }) => `link set ${name} up arp off`),
    );
    for (const spec of interfaces) this.cables.open(spec, this.#far);
    this.#ip(this.#host, [
      ...interfaces.flatMap(({ name, addresses, up }) => [
        ...addresses.map((address) => `addr add ${address} broadcast + dev ${name}`),
        ...(up ? [`link set ${name} up`] : []),
      ]),
      ...loopback.map((address) => `addr add ${address} dev lo`),
      ...routes.map((route) => `route add ${routeText(route)}`),
      ...rules.map((rule) => `rule add ${ruleText(rule)}`),
    ]);
    withinNamespace(this.#host, () => {
      const rules = ruleset(this.#config);
      if (rules !== null) run('nft', ['-f', '-'], rules);
      for (const [name, value] of this.#config.sysctls) {
        if (name.startsWith('net.netfilter')) setSysctl(name, value);
      }
      for (const port of this.#config.tcpPorts) this.#listeners.open(SocketType.Stream, port);
      for (const port of this.#config.udpPorts) this.#listeners.open(SocketType.Datagram, port);
    });
  }

  #ip(namespace: string, lines: readonly string[]): void {
    run('ip', ['-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`);
  }

  /** What the administrator does; what the kernel refuses has no effect. */
  act(deed: Deed): void {
    try {
      if ('link' in deed) {
        this.cables.setUp(deed.link, deed.up);
        this.#ip(this.#host, [`link set ${deed.link} ${deed.up ? 'up' : 'down'}`]);
      } else if ('route' in deed) {
        this.#ip(this.#host, [`route ${deed.add ? 'add' : 'del'} ${routeText(deed.route)}`]);
      } else {
        const verb = deed.add ? 'add' : 'del';
        const broadcast = deed.add ? ' broadcast +' : '';
        this.#ip(this.#host, [`addr ${verb} ${deed.address}${broadcast} dev ${deed.dev}`]);
      }
    } catch (error) {
      if (!(error instanceof Error) || !/RTNETLINK|Nexthop|Error:/.test(error.message)) throw error;
    }
  }

  neighbors(): string[] {
    const text = run('ip', ['-n', this.#host, 'neigh', 'show']);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [, address, dev, lladdr, state] =
          /^(\S+) dev (\S+)(?: lladdr (\S+))?.* (\S+)$/.exec(line.trim()) ?? [];
        return `${dev} ${address} ${lladdr === undefined ? '' : `${lladdr} `}${state}`;
      });
  }

  connections(): string[] {
    if (!tracks(this.#config)) return [];
    const text = withinNamespace(this.#host, () => run('conntrack', ['-L', '-o', 'extended']));
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map(tidyConnection);
  }

  [Symbol.dispose](): void {
    this.#listeners[Symbol.dispose]();
    this.cables[Symbol.dispose]();
    for (const name of [this.#host, this.#far]) {
      try {
        run('ip', ['netns', 'delete', name]);
      } catch {
        // It was not made yet.
      }
    }
  }
}
