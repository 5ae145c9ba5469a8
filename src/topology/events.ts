// What the steps and flows of a scenario say in the event log. They stand with the words of scenarios,
// not with who carries them out: a lab's log is typed below `scenario`.

import type { Nanos } from '../sim/time.ts';
import type { ArpingMode } from './steps/arping.ts';

/** By the name of the machine on which a step acts, or by the name of the flow. */
export interface ScenarioEvents {
  /** A step announced an address. */
  readonly announced: {
    readonly address: string;
    readonly interface: string;
    /** Of the gratuitous ARP. */
    readonly form: 'reply' | 'request';
  };
  /** A hand-made ARP frame was sent. */
  readonly 'arp-sent': {
    readonly interface: string;
    /** 'request', 'reply', or the number of another operation. */
    readonly operation: string;
    readonly senderIp: string;
    readonly senderMac: string;
    readonly targetIp: string;
    /** What the user says about it. */
    readonly comment: string | null;
  };
  /** A hand-made frame other than ARP was sent. */
  readonly 'frame-sent': {
    readonly interface: string;
    /** In words, as text captures have it. */
    readonly frame: string;
    readonly comment: string | null;
  };
  /** A route more, as `ip route` prints it. */
  readonly 'route-added': { readonly route: string };
  /** And one less. */
  readonly 'route-removed': { readonly route: string };
  /** An interface was given another MAC address. */
  readonly 'mac-set': { readonly interface: string; readonly mac: string };
  /** An interface was given another MTU. */
  readonly 'mtu-set': { readonly interface: string; readonly mtu: number };
  /** A rule of the filter table, as `iptables -S` prints it, came or went. */
  readonly 'firewall-changed': { readonly change: 'added' | 'removed'; readonly rule: string };
  /** A rule of nat POSTROUTING came or went. */
  readonly 'snat-changed': { readonly change: 'added' | 'removed'; readonly rule: string };
  /** Tracked connections were forgotten by order. */
  readonly 'connections-deleted': { readonly count: number };
  /** What a step asked for was refused, in the words of the tool. */
  readonly 'command-failed': { readonly command: string; readonly error: string };
  /** A kernel setting. */
  readonly 'sysctl-changed': {
    readonly name: string;
    readonly value: number;
    /** Null where the setting is none of an interface. */
    readonly interface: string | null;
  };
  /** A rule of policy routing more, as `ip rule` prints it without its priority. */
  readonly 'rule-added': { readonly rule: string };
  /** And one less. */
  readonly 'rule-removed': { readonly rule: string };
  /** An `arping` step has its verdict. */
  readonly 'arping-done': {
    /** Of the step. */
    readonly name: string;
    readonly address: string;
    readonly mode: ArpingMode;
    /** As iputils' arping exits: 0 or 1. */
    readonly exitCode: number;
    /** MAC addresses, in the order of their first answers. */
    readonly answeredBy: readonly string[];
  };
  /** An echo of a `ping` step was answered. */
  readonly 'ping-reply': {
    /** Of the step. */
    readonly name: string;
    readonly from: string;
    /** From 1. */
    readonly sequence: number;
    readonly roundTrip: Nanos;
  };
  /** A `ping` step is over. */
  readonly 'ping-done': {
    readonly name: string;
    readonly to: string;
    readonly sent: number;
    readonly answered: number;
    readonly lost: number;
  };
  /** The first request of a flow was lost. */
  readonly 'flow-unanswered': {
    /** When that request was sent. */
    readonly since: Nanos;
    /** A drop reason or an errno; null when it was silence. */
    readonly why: string | null;
  };
  /** A flow that was answered is not any more. */
  readonly 'flow-interrupted': { readonly since: Nanos; readonly why: string | null };
  /** A flow of a live lab has sent so much that older requests are counted and no longer kept. */
  readonly 'flow-condensed': {
    /** As many of the last ones are kept in full. */
    readonly kept: number;
  };
  /** A capture could not be written any further. */
  readonly 'capture-ended': {
    /** As the user would type it. */
    readonly path: string;
    readonly why: string;
    /** The lab goes on without it. */
    readonly goesOn: boolean;
  };
  /** A capture has reached the size that it was given. */
  readonly 'capture-limit': {
    /** The file that is full, or that makes room; as the user would type it. */
    readonly path: string;
    /** At which a file ends. */
    readonly octets: number;
    /** The number of files that are kept; null: later frames are left out. */
    readonly ring: number | null;
  };
  /** A flow is answered. */
  readonly 'flow-answered': {
    /** After so long; null the first time. */
    readonly outage: Nanos | null;
  };
}
