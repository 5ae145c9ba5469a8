// One case of the differential fuzzer: how a host is configured, what it is sent, and what was seen of
// it. Plain JSON, so that a case that showed a difference becomes a fixture as it is.

/** An interface of the host under test; its far end is where frames are put in and taken out. */
export interface InterfaceConfig {
  readonly name: string;
  readonly mac: string;
  /** In the order of adding: '10.1.0.1/24'. */
  readonly addresses: readonly string[];
  readonly mtu: number;
  readonly up: boolean;
}

export interface RouteConfig {
  /** 'default' is '0.0.0.0/0'. */
  readonly destination: string;
  readonly type: 'unicast' | 'unreachable' | 'prohibit' | 'blackhole';
  readonly via?: string;
  readonly dev?: string;
  /** Of policy routing; default: main. */
  readonly table?: number;
}

/** A line of `ip rule`. */
export interface RuleConfig {
  readonly priority: number;
  readonly from?: string;
  readonly to?: string;
  /** 'lo' is the host itself. */
  readonly iif?: string;
  readonly action: 'lookup' | 'unreachable' | 'prohibit' | 'blackhole';
  /** For 'lookup'. */
  readonly table?: number;
}

/** For what comes from `source` and leaves by `out`. Without `to`: MASQUERADE. */
export interface NatConfig {
  readonly source: string;
  readonly out: string;
  /** An address, or a range of them: '192.0.2.100-192.0.2.103'. */
  readonly to?: string;
  /** Of a range, each client keeps the address it got. */
  readonly persistent?: true;
  readonly ports?: readonly [number, number];
  /** `--random-fully`. */
  readonly random?: true;
}

/** A rule of the firewall; the first that matches decides, and what none matches is accepted. */
export interface FilterConfig {
  readonly chain: 'input' | 'forward' | 'output';
  readonly state?: 'new' | 'established' | 'related' | 'invalid';
  readonly protocol?: 'icmp' | 'tcp' | 'udp';
  /** Where TCP or UDP goes to; needs a protocol. */
  readonly port?: number;
  /** The interface it came in by; not for 'output'. */
  readonly from?: string;
  /** Anything but 'accept' and 'drop' rejects; 'tcp-reset' needs TCP. */
  readonly action:
    | 'accept'
    | 'drop'
    | 'tcp-reset'
    | 'icmp-port-unreachable'
    | 'icmp-host-unreachable'
    | 'icmp-admin-prohibited';
}

export interface HostConfig {
  readonly interfaces: readonly InterfaceConfig[];
  /** On lo, besides 127.0.0.1/8. */
  readonly loopback: readonly string[];
  readonly routes: readonly RouteConfig[];
  /** Not given: those that every host has. */
  readonly rules?: readonly RuleConfig[];
  /** By Linux's full names, in the order of setting. */
  readonly sysctls: readonly (readonly [string, number])[];
  /** Whether connections are tracked, which NAT does anyway. */
  readonly conntrack: boolean;
  readonly nat: NatConfig | null;
  /** Not given: no firewall. */
  readonly filter?: readonly FilterConfig[];
  /** Ports on which somebody listens who never reads. */
  readonly tcpPorts: readonly number[];
  readonly udpPorts: readonly number[];
}

/**
 * A step that depends on what came out: its frame is a template, and what the host has drawn at random
 * is filled in from the frame it reacts to (reaction.ts). If no such frame came out, nothing is put in.
 */
export interface Reaction {
  /** 'answer': back to whoever sent it. 'error': an ICMP error about it, which quotes it. */
  readonly with: 'answer' | 'error';
  /** The interface it came out of. */
  readonly on: string;
  /** 'arp' is a request. */
  readonly kind: 'arp' | 'icmp' | 'tcp' | 'udp';
  /** The IPv4 identification it has: what is forwarded keeps it. */
  readonly id?: number;
  /** The address that the ARP request asks for. */
  readonly address?: string;
  /** How many such frames came out later; default 0: it is the last. */
  readonly back?: number;
  /** Of an answer: what is not filled in but stays as the template has it. */
  readonly keeps?: 'source' | 'source-port' | 'destination-port' | 'numbers';
  /** Of an error: at most so many octets are quoted; default: all. */
  readonly quoted?: number;
  /** Of an error: [offset, difference] of a 16-bit word that the quote has wrong by so much. */
  readonly spoiled?: readonly [number, number];
}

/** What an administrator does to the host. */
export type Deed =
  | { readonly link: string; readonly up: boolean }
  | { readonly address: string; readonly dev: string; readonly add: boolean }
  | { readonly route: RouteConfig; readonly add: boolean };

/** A frame put in, and how long to look at what comes out before the next. */
export interface Step {
  /** The interface of the host. */
  readonly on: string;
  /** Octets in hexadecimal, without FCS. */
  readonly frame: string;
  /** The acknowledgment number counts from the initial sequence number that the host has drawn. */
  readonly follows?: true;
  readonly reacts?: Reaction;
  /** Done before the frame, of which there is mostly none then: ''. */
  readonly does?: Deed;
  /** Milliseconds; 0: the next follows at once. */
  readonly wait: number;
}

export interface FuzzCase {
  /** `--seed` and number of the case it came from. */
  readonly origin: string;
  readonly config: HostConfig;
  readonly steps: readonly Step[];
}

/** A frame that came out of the host. */
export interface Emission {
  readonly on: string;
  readonly octets: Uint8Array;
}

/** What one side did, as it was seen. */
export interface Observation {
  /** Milliseconds since a round tick of the kernel's clock: when each step was put in, and the end. */
  readonly times: readonly number[];
  /** What was put in, step by step, all filled in; empty where there was nothing to react to. */
  readonly injected: readonly Uint8Array[];
  readonly emitted: readonly (readonly Emission[])[];
  /** 'eth0 10.1.0.11 02:00:00:00:00:11 STALE'. */
  readonly neighbors: readonly string[];
  /** As `conntrack -L` prints them, without family, mark and use. */
  readonly connections: readonly string[];
}

/** The same in comparable words: what is drawn at random has names. */
export interface Outcome {
  /** Per step, per interface, in order. */
  readonly emitted: readonly Readonly<Record<string, readonly string[]>>[];
  readonly neighbors: readonly string[];
  readonly connections: readonly string[];
}

/** A case as it is kept under test/fixtures/fuzz. */
export interface Fixture extends FuzzCase {
  /** What it shows, and what the kernel's reason is. */
  readonly about: string;
  readonly kernel: string;
  readonly times: readonly number[];
  readonly expected: Outcome;
  /** What the lab did when the difference was found. */
  readonly lab: Outcome;
}

export function toHex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
