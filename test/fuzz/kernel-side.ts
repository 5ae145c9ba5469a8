// The kernel's half of a case: a host in a network namespace of its own, with a second namespace for
// the far ends of its cables, where AF_PACKET sockets put frames in and take frames out. A frame goes
// through veth and the whole stack before write(2) returns; only what timers cause comes later.
// Both namespaces are gone when the case is over, or the process.

import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DescriptorDevice } from '../../src/platform/descriptor-port.ts';
import { Flags, libc } from '../../src/platform/linux/libc.ts';
import { LITTLE_ENDIAN, NativeMemory } from '../../src/platform/linux/native-memory.ts';
import { withinNamespace } from '../../src/platform/linux/network-namespace.ts';
import { openPacketDevice } from '../../src/platform/packet-device.ts';
import type { PacketAttachment } from '../../src/topology/attachments.ts';
import type { Emission, FuzzCase, HostConfig, NatConfig, Observation } from './case.ts';
import { Follower } from './follower.ts';
import { tidyConnection } from './lab-side.ts';
import { onesSum } from './layout.ts';

/** All namespaces of this tool begin so, then comes the process. */
const PREFIX = 'eglx';
const VIRTIO_HEADER_LENGTH = 10;
const NEEDS_CHECKSUM = 1;
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const POLL_IN = 1;
/** Larger than any frame here. */
const BUFFER_LENGTH = 70_000;
const ENVIRONMENT = { PATH: '/usr/sbin:/sbin:/usr/bin:/bin', LC_ALL: 'C' };

/** The lab has neither selective acknowledgments nor ECN. */
const KERNEL_ONLY: readonly (readonly [string, number])[] = [
  ['net.ipv4.tcp_sack', 0],
  ['net.ipv4.tcp_ecn', 0],
];

const SOL_PACKET = 263;
const PACKET_QDISC_BYPASS = 20;

let count = 0;

/**
 * Sends a case to the kernel. `patience`: milliseconds to wait for each answer that is not there at
 * once, which a busy machine may owe to nothing but its load.
 */
export async function runInKernel(
  { config, steps }: FuzzCase,
  patience: number,
): Promise<Observation> {
  using host = new KernelHost(config);
  const follower = new Follower();
  const injected: Uint8Array[] = [];
  const emitted: Emission[][] = [];
  const start = performance.now();
  const times: number[] = [];
  for (const step of steps) {
    const octets = follower.resolve(step);
    injected.push(octets);
    times.push(performance.now() - start);
    host.inject(step.on, octets);
    const burst = host.collect(step.wait === 0 ? patience : 0);
    if (step.wait > 0) {
      await sleep(step.wait);
      burst.push(...host.collect(patience));
    }
    for (const { octets: out } of burst) follower.observe(out);
    emitted.push(burst);
  }
  times.push(performance.now() - start);
  return { times, injected, emitted, neighbors: host.neighbors(), connections: host.connections() };
}

/** Removes what a process that was killed has left behind; processes that live are left alone. */
export function removeLeftovers(): void {
  for (const name of namespaces()) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1] ?? 0);
    if (pid === 0 || pid === process.pid || isAlive(pid)) continue;
    run('ip', ['netns', 'delete', name]);
  }
}

/** For exits: every namespace of this very process. */
export function removeOwn(): void {
  for (const name of namespaces()) {
    if (name.startsWith(`${PREFIX}${process.pid}-`)) run('ip', ['netns', 'delete', name]);
  }
}

function namespaces(): string[] {
  try {
    return readdirSync('/run/netns').filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** @throws Error with what the program said */
function run(program: string, args: readonly string[], input = ''): string {
  return execFileSync(program, args, {
    input,
    encoding: 'utf8',
    env: ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

class KernelHost implements Disposable {
  readonly #host: string;
  readonly #far: string;
  readonly #config: HostConfig;
  readonly #devices = new Map<string, DescriptorDevice>();
  readonly #sockets: number[] = [];
  readonly #buffer = new NativeMemory(BUFFER_LENGTH);

  constructor(config: HostConfig) {
    this.#config = config;
    count++;
    this.#host = `${PREFIX}${process.pid}-${count}`;
    this.#far = `${this.#host}f`;
    try {
      this.#build();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  #build(): void {
    const { interfaces, loopback, routes, nat, conntrack } = this.#config;
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
    for (const { name } of interfaces) {
      const device = openPacketDevice(attachment(name, this.#far));
      bypassQueue(device);
      this.#devices.set(name, device);
    }
    this.#ip(this.#host, [
      ...interfaces.flatMap(({ name, addresses, up }) => [
        ...addresses.map((address) => `addr add ${address} broadcast + dev ${name}`),
        ...(up ? [`link set ${name} up`] : []),
      ]),
      ...loopback.map((address) => `addr add ${address} dev lo`),
      ...routes.map(({ destination, type, via, dev }) => {
        const hop = via === undefined ? '' : ` via ${via}`;
        return `route add ${type} ${destination}${hop}${dev === undefined ? '' : ` dev ${dev}`}`;
      }),
    ]);
    withinNamespace(this.#host, () => {
      if (conntrack || nat !== null) run('nft', ['-f', '-'], ruleset(nat));
      for (const [name, value] of this.#config.sysctls) {
        if (name.startsWith('net.netfilter')) setSysctl(name, value);
      }
      for (const port of this.#config.tcpPorts) this.#open(SOCK_STREAM, port);
      for (const port of this.#config.udpPorts) this.#open(SOCK_DGRAM, port);
    });
  }

  #ip(namespace: string, lines: readonly string[]): void {
    run('ip', ['-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`);
  }

  #open(type: number, port: number): void {
    const { socket, bind } = libc();
    const descriptor = socket(AF_INET, type | Flags.CloseOnExec, 0);
    this.#sockets.push(descriptor);
    const address = new NativeMemory(16);
    address.view.setUint16(0, AF_INET, LITTLE_ENDIAN);
    address.view.setUint16(2, port);
    const failed =
      bind(descriptor, address.address, 16) < 0 ||
      (type === SOCK_STREAM && listen(descriptor, 4096) < 0);
    if (failed) throw new Error(`can not listen on port ${port}: errno ${libc().errno()}`);
  }

  inject(on: string, octets: Uint8Array): void {
    const device = this.#devices.get(on);
    if (device === undefined) throw new Error(`the host has no ${on}`);
    const { bytes, address } = this.#buffer;
    bytes.fill(0, 0, VIRTIO_HEADER_LENGTH);
    bytes.set(octets, VIRTIO_HEADER_LENGTH);
    const length = VIRTIO_HEADER_LENGTH + octets.length;
    if (libc().write(device.descriptor, address, length) < 0 && this.#isUp(on)) {
      throw new Error(`can not send ${octets.length} octets: errno ${libc().errno()}`);
    }
  }

  #isUp(on: string): boolean {
    return this.#config.interfaces.some(({ name, up }) => name === on && up);
  }

  /** What has come out; if there is nothing, what comes out within so many milliseconds. */
  collect(patience: number): Emission[] {
    const found = this.#drain();
    if (found.length > 0 || patience === 0) return found;
    this.#poll(patience);
    return this.#drain();
  }

  #poll(milliseconds: number): void {
    const entries = new NativeMemory(8 * this.#devices.size);
    let at = 0;
    for (const { descriptor } of this.#devices.values()) {
      entries.view.setInt32(at, descriptor, LITTLE_ENDIAN);
      entries.view.setInt16(at + 4, POLL_IN, LITTLE_ENDIAN);
      at += 8;
    }
    const timeout = new NativeMemory(16);
    timeout.setLong(8, milliseconds * 1e6);
    libc().ppollNow(entries.address, this.#devices.size, timeout.address);
  }

  #drain(): Emission[] {
    const found: Emission[] = [];
    const { bytes, view, address } = this.#buffer;
    for (const [on, { descriptor }] of this.#devices) {
      for (;;) {
        const length = libc().read(descriptor, address, BUFFER_LENGTH);
        if (length < 0) break;
        const octets = bytes.slice(VIRTIO_HEADER_LENGTH, length);
        if (((bytes[0] ?? 0) & NEEDS_CHECKSUM) !== 0) {
          const from = view.getUint16(6, LITTLE_ENDIAN);
          finishChecksum(octets, from, from + view.getUint16(8, LITTLE_ENDIAN));
        }
        found.push({ on, octets });
      }
    }
    return found;
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
    if (!this.#config.conntrack && this.#config.nat === null) return [];
    const text = withinNamespace(this.#host, () => run('conntrack', ['-L', '-o', 'extended']));
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map(tidyConnection);
  }

  [Symbol.dispose](): void {
    const { close } = libc();
    for (const descriptor of this.#sockets) close(descriptor);
    for (const device of this.#devices.values()) device.close();
    for (const name of [this.#host, this.#far]) {
      try {
        run('ip', ['netns', 'delete', name]);
      } catch {
        // It was not made yet.
      }
    }
  }
}

/**
 * An interface set up before its peer sends nothing until the kernel gets round to notice the carrier,
 * which may take a second; frames that go past its queue are not held up (PACKET_QDISC_BYPASS).
 */
function bypassQueue({ descriptor }: DescriptorDevice): void {
  const yes = new NativeMemory(4);
  yes.view.setInt32(0, 1, LITTLE_ENDIAN);
  libc().setsockopt(descriptor, SOL_PACKET, PACKET_QDISC_BYPASS, yes.address, 4);
}

function attachment(name: string, netns: string): PacketAttachment {
  const position = { file: '', path: '', line: 0, column: 0 };
  return { kind: 'packet', name, netns, segment: '', position };
}

function ruleset(nat: NatConfig | null): string {
  const lines = [
    'table ip fuzz {',
    ' chain track { type filter hook prerouting priority -150',
    ' ct state invalid counter',
    ' }',
  ];
  if (nat !== null) {
    const range = nat.ports === undefined ? '' : `:${nat.ports[0]}-${nat.ports[1]}`;
    const target =
      nat.to === undefined
        ? `masquerade${range === '' ? '' : ` to ${range}`}`
        : `snat to ${nat.to}${range}`;
    // A range of ports is for protocols that have some.
    const rules =
      range === ''
        ? [target]
        : [
            `meta l4proto { tcp, udp } ${target}`,
            target.slice(0, target.indexOf(range)).replace(/ to $/, ''),
          ];
    lines.push(' chain out { type nat hook postrouting priority 100');
    for (const rule of rules) lines.push(` ip saddr ${nat.source} oifname "${nat.out}" ${rule}`);
    lines.push(' }');
  }
  return `${lines.join('\n')}\n}\n`;
}

/** What a veth leaves to hardware that it has not. */
function finishChecksum(octets: Uint8Array, from: number, at: number): void {
  const sum = ~onesSum(octets, from, octets.length) & 0xffff;
  octets[at] = sum >>> 8;
  octets[at + 1] = sum & 0xff;
}

function setSysctl(name: string, value: number): void {
  writeFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, String(value));
}

let listenFunction: ((descriptor: number, backlog: number) => number) | null = null;

function listen(descriptor: number, backlog: number): number {
  if (listenFunction === null) {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    listenFunction = koffi.load(null).func('listen', 'int', ['int', 'int']);
  }
  return listenFunction(descriptor, backlog);
}
