// The lab with the vocabulary of the scripts (ovnlab.py): nodes with OVN's data path and no control plane,
// pods, hosts on one wire, and rows that the script writes into the northbound database itself. Geneve
// has a network of its own, as there.

import { NetworkMap } from '../../src/fabric/ovn-kubernetes/datapath/network-map.ts';
import { type DatapathSettings, OvnNode } from '../../src/fabric/ovn-kubernetes/datapath/node.ts';
import { OvnPod } from '../../src/fabric/ovn-kubernetes/datapath/pod.ts';
import { gatewayRouter, NorthboundDatabase } from '../../src/fabric/ovn-kubernetes/northbound.ts';
import type { NetworkStack } from '../../src/stack/stack.ts';
import {
  formatIpv4,
  type Ipv4Address,
  type Ipv4Cidr,
  ipv4Address,
  parseCidr,
} from '../../src/wire/ipv4-address.ts';
import type { Seen } from '../kernel-truth/decode.ts';
import { type Fixture, Roles } from '../kernel-truth/fixture.ts';
import type { Process } from '../kernel-truth/process.ts';
import { address, mac, World } from '../kernel-truth/world.ts';
import type { ReleaseName } from './fixture.ts';
import { RELEASE_OF } from './releases.ts';

export interface OvnOptions {
  /** 'n1' … */
  readonly nodes?: readonly string[];
  readonly pods?: readonly string[];
  readonly hosts?: readonly string[];
  readonly gatewayMtu?: number;
  readonly bindingAge?: number;
  readonly flows?: DatapathSettings['flows'];
  /** What else differs from the set-up that was measured. */
  readonly settings?: Partial<DatapathSettings>;
  /** Frames of the wire that tcpdump keeps. */
  readonly wire?: (seen: Seen) => boolean;
  /** Unicast ARP requests of hosts' own neighbor tables stay in the record. */
  readonly keepsConfirmations?: boolean;
}

const CLUSTER = cidr('10.244.0.0/16');
const JOIN = '100.64.0.0/16';
const PODS: Readonly<Record<string, readonly [string, number]>> = {
  P1: ['n1', 5],
  P2: ['n1', 6],
  P3: ['n2', 5],
  P4: ['n2', 6],
};
/** From one transaction of ovn-nbctl to the next. */
const TRANSACTION_SECONDS = 0.015;
/** An answer to a host's confirmation comes within this time. */
const CONFIRMED_SECONDS = 0.2;

export class OvnWorld extends World {
  readonly release: ReleaseName;
  readonly database = new NorthboundDatabase();
  readonly nodes = new Map<string, OvnNode>();
  readonly #pods = new Map<string, NetworkStack>();
  readonly #options: OvnOptions;

  constructor(fixture: Fixture, release: ReleaseName, options: OvnOptions, seed: number) {
    super(fixture, topology(new Roles(fixture), options), seed);
    this.release = release;
    this.#options = options;
    const { nodes = ['n1', 'n2'], pods = ['P1', 'P2', 'P3'] } = options;
    const map = new NetworkMap(CLUSTER);
    for (const node of nodes) {
      const i = Number(node.slice(1));
      const subnet = cidr(`10.244.${i}.0/24`);
      map.add({
        name: node,
        id: i + 1,
        join: address(joinOf(node)),
        transit: address(`100.88.0.${i + 1}`),
        gateway: ipv4Address(subnet.address + 1),
        management: ipv4Address(subnet.address + 2),
        subnet,
        address: address(this.roles.ipOf(node.toUpperCase())),
        encap: address(`172.31.0.1${i}`),
      });
    }
    this.#baseRows(nodes);
    for (const node of nodes) this.#makeNode(node, map);
    for (const pod of pods) this.#makePod(pod);
  }

  override host(name: string): NetworkStack {
    return this.#pods.get(name) ?? super.host(name);
  }

  /** @throws when there is no such node */
  node(name: string): OvnNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`there is no node ${name}`);
    return node;
  }

  /** The address of a role, with a port if there is one: 'DB:8000'. */
  at(text: string): string {
    const [role = '', port] = text.split(':');
    const ip = this.roles.hasIp(role) ?? role;
    return port === undefined ? ip : `${ip}:${port}`;
  }

  /** The role of an address: 'DB'. */
  roleOf(ip: Ipv4Address): string {
    return this.roles.ip(formatIpv4(ip));
  }

  /** Until the default series of announcements is over. */
  quiet(): number {
    return (RELEASE_OF[this.release].announcements.at(-1) ?? 0) + 2;
  }

  /** Every pod has had an answer from DB. */
  ready(): void {
    for (const pod of this.#pods.keys()) this.x(pod, `ping -c 1 -W 1 -q ${this.at('DB')}`);
  }

  /** One transaction: SNAT rows on a node's gateway router and reroute policies. */
  assign(eip: string, pods: readonly string[], node: string): void {
    this.database.transact(() => {
      for (const pod of pods) this.putNat(eip, pod, node);
      for (const pod of pods) this.putPolicy(pod, [node]);
    });
    this.sleep(TRANSACTION_SECONDS);
  }

  /** One transaction takes them away. */
  unassign(pods: readonly string[], node: string): void {
    this.database.transact(() => {
      for (const pod of pods) this.database.remove('nat', `${node} ${pod}`);
      for (const pod of pods) this.database.remove('policy', pod);
    });
    this.sleep(TRANSACTION_SECONDS);
  }

  /** Two transactions, `gap` seconds apart. */
  move(eip: string, pods: readonly string[], from: string, to: string, gap = 0): void {
    this.unassign(pods, from);
    this.sleep(gap);
    this.assign(eip, pods, to);
  }

  putNat(eip: string, pod: string, node: string): void {
    this.database.put('nat', {
      key: `${node} ${pod}`,
      externalIds: {},
      router: gatewayRouter(node),
      type: 'snat',
      externalIp: this.at(eip),
      logicalIp: this.at(pod),
      logicalPort: null,
    });
  }

  putPolicy(pod: string, nodes: readonly string[]): void {
    this.database.put('policy', {
      key: pod,
      externalIds: {},
      priority: 100,
      match: { kind: 'source', source: this.at(pod) },
      action: 'reroute',
      nexthops: nodes.map(joinOf),
      pktMark: null,
    });
  }

  /** No gateway router remembers the MAC of an address. */
  forget(role: string): void {
    for (const node of this.nodes.values()) {
      node.gatewayRouter.bindings.forget(address(this.at(role)));
    }
    this.sleep(0.3);
  }

  /** `dpctl/flush-conntrack`. */
  flushConntrack(...nodes: readonly string[]): void {
    for (const node of nodes.map((name) => this.node(name))) {
      node.gatewayRouter.zone.flush();
      node.brEx.zone.flush();
    }
  }

  /** A program of gt.py that tells the log what it sees. */
  gt(host: string, command: string): Process {
    const process = this.start(host, command);
    this.wait(process);
    return process;
  }

  /** The same in the background. */
  start(host: string, command: string): Process {
    const talks = /^(tcpclient|tcpserver|udp) /.test(command);
    return this.bg(host, `gt ${command}${talks ? ` --app ${host}` : ''}`);
  }

  /** Hand-made ARP frames of a host: op,sha,spa,tha,tpa,dst[@delay], roles or text. */
  arp(host: string, ...frames: readonly string[]): void {
    const source = this.roles.macOf(host);
    const words = frames.map((frame) => ` --frame ${this.#frame(frame)}`);
    this.wait(this.bg(host, `arp --src ${source}${words.join('')}`));
  }

  /** The last line that ping prints, noted as said by the host. */
  ping(host: string, options: string, role: string): void {
    const { output } = this.x(host, `ping ${options} -q ${this.at(role)}`);
    const [, sent = '0', received = '0'] = /(\d+) packets transmitted, (\d+)/.exec(output) ?? [];
    const errors = output.split('\n').filter((line) => line.startsWith('From')).length;
    const loss = Math.round((1 - Number(received) / Number(sent)) * 100);
    const more = errors === 0 ? '' : `+${errors} errors, `;
    this.say(
      host,
      `${sent} packets transmitted, ${received} received, ${more}${loss}% packet loss`,
    );
  }

  override finish(): void {
    const { seen } = this.recorder;
    const { wire = () => true, keepsConfirmations = false } = this.#options;
    const wanted = seen.filter((each) => each.at !== 'wire' || wire(each));
    const kept = keepsConfirmations ? wanted : withoutConfirmations(wanted);
    seen.splice(0, seen.length, ...kept);
    super.finish();
  }

  /** tcpdump on the wire. */
  captureWire(): void {
    this.captureSwitch('wire', 'wire');
  }

  /** tcpdump in a pod. */
  capturePod(pod: string): void {
    this.capture(pod, 'eth0', pod);
  }

  #frame(text: string): string {
    const [words = '', delay] = text.split('@');
    const [op = '', sha = '', spa = '', tha = '', tpa = '', to = ''] = words.split(',');
    const hardware = (role: string): string => this.roles.hasMac(role) ?? role;
    const parts = [op, hardware(sha), this.at(spa), hardware(tha), this.at(tpa), hardware(to)];
    return `${parts.join(',')}${delay === undefined ? '' : `@${delay}`}`;
  }

  #baseRows(nodes: readonly string[]): void {
    const cluster = '10.244.0.0/16';
    const destinations = [
      cluster,
      JOIN,
      ...nodes.map((node) => `${this.at(node.toUpperCase())}/32`),
    ];
    this.database.transact(() => {
      for (const destination of destinations) {
        this.database.put('policy', {
          key: `allow ${destination}`,
          externalIds: {},
          priority: 102,
          match: { kind: 'between', source: cluster, destination },
          action: 'allow',
          nexthops: [],
          pktMark: null,
        });
      }
      for (const node of nodes) {
        for (const logicalIp of [cluster, joinOf(node)]) {
          this.database.put('nat', {
            key: `${node} ${logicalIp}`,
            externalIds: {},
            router: gatewayRouter(node),
            type: 'snat',
            externalIp: this.at(node.toUpperCase()),
            logicalIp,
            logicalPort: null,
          });
        }
        const prefix = `10.244.${node.slice(1)}.0/24`;
        this.database.put('route', { key: prefix, externalIds: {}, prefix, nexthop: joinOf(node) });
      }
    });
  }

  #makeNode(name: string, map: NetworkMap): void {
    const role = name.toUpperCase();
    const { stack, netfilter } = this.machine(name);
    const member = map.ofNode(address(this.at(role)));
    if (member === null) throw new Error(`${name} is not on the map`);
    const { gatewayMtu = 0, bindingAge = 300, flows = 'ovn-kubernetes' } = this.#options;
    const node = new OvnNode({
      stack,
      netfilter,
      random: this.lab.random.fork(`node:${name}`),
      uplink: this.nic(name),
      address: cidr(`${this.at(role)}/24`),
      member,
      map,
      database: this.database,
      settings: {
        release: RELEASE_OF[this.release],
        datapath: 'userspace',
        flows,
        zoned: false,
        gatewayMode: 'shared',
        gatewayMtu,
        bindingAge,
        meterRate: 0,
        dropsUntranslated: true,
        announcesRows: true,
        answersAnnouncements: true,
        ...this.#options.settings,
      },
    });
    this.nodes.set(name, node);
  }

  #makePod(name: string): void {
    const [node = '', host = 0] = PODS[name] ?? [];
    const ip = this.at(name);
    const { scheduler, arena, events, random } = this.lab;
    const pod = new OvnPod({
      name,
      namespace: 'default',
      node: this.node(node),
      address: cidr(`10.244.${node.slice(1)}.${host}/24`),
      mac: mac(this.roles.macOf(name)),
      scheduler,
      arena,
      events,
      random: random.fork(`pod:${ip}`),
    });
    this.#pods.set(name, pod.stack);
  }
}

/** The join address of a node's gateway router. */
function joinOf(node: string): string {
  return `100.64.0.${1 + Number(node.slice(1))}`;
}

function cidr(text: string): Ipv4Cidr {
  const parsed = parseCidr(text);
  if (parsed === null) throw new Error(`not a network: ${text}`);
  return parsed;
}

function topology(roles: Roles, options: OvnOptions): object {
  const { nodes = ['n1', 'n2'], hosts = ['DB', 'RTR'] } = options;
  const gateway = roles.ipOf('RTR');
  const nic = (role: string): object => ({
    segment: 'wire',
    mac: roles.macOf(role),
    address: `${roles.ipOf(role)}/24`,
  });
  const host = (role: string): [string, object] => [
    role,
    role === 'RTR'
      ? { interfaces: { eth0: nic(role) }, forwarding: true }
      : { interfaces: { eth0: nic(role) }, gateway },
  ];
  const node = (name: string): [string, object] => {
    const und0 = { segment: 'underlay', address: `172.31.0.1${name.slice(1)}/24` };
    return [name, { interfaces: { eth0: nic(name.toUpperCase()), und0 }, gateway }];
  };
  return {
    name: 'ovn',
    segments: { wire: { latency: '5us' }, underlay: { latency: '5us' } },
    hosts: Object.fromEntries([...hosts.map(host), ...nodes.map(node)]),
    scenario: { duration: '1s' },
  };
}

/** Hosts' own neighbor confirmations, which OVN never sends, and the answers to them: no_nud of ovnlab.py. */
function withoutConfirmations(frames: readonly Seen[]): Seen[] {
  const asked: Seen[] = [];
  return frames.filter((frame) => {
    if (frame.kind !== 'arp') return true;
    if (frame.op === 'request') {
      if (frame.l2dst === 'BROADCAST') return true;
      asked.push(frame);
      return false;
    }
    return !asked
      .slice(-8)
      .some(
        (question) =>
          question.at === frame.at &&
          frame.t - question.t < CONFIRMED_SECONDS &&
          question.spa === frame.tpa &&
          question.tpa === frame.spa,
      );
  });
}
