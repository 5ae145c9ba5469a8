// What the analysis starts from: the event log, what was heard of ARP, what was dropped, and the names of
// things. Plain data, so that a test can write it down.

import type { LabEvent } from '../../lab/events.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Outage } from '../report.ts';
import type { Reserve } from './model.ts';
import type { Obstacle } from './path-check.ts';

/** All that the analysis knows of a run. */
export interface Facts {
  /** When the run ended. */
  readonly end: Nanos;
  readonly events: readonly LabEvent[];
  /** Addresses worth a chapter, in the order in which they became news. */
  readonly addresses: readonly string[];
  readonly machines: readonly MachineFacts[];
  /** ARP frames with a contested sender, as they were heard. */
  readonly heard: readonly ArpSighting[];
  /** Dropped packets from or to a contested address or an end of a flow. */
  readonly drops: readonly DroppedPacket[];
  /** More was dropped than is remembered. */
  readonly dropsOmitted: boolean;
  /** What stood in the way of flows when requests were lost, each when it changed. */
  readonly paths: readonly PathSighting[];
  readonly flows: readonly FlowFacts[];
}

/** A machine and its addresses. */
export interface MachineFacts {
  readonly name: string;
  /** The addresses under which events name it; empty unless it is a node. */
  readonly nodeIp: string | null;
  readonly macs: readonly { readonly interface: string; readonly mac: string }[];
}

/** An ARP frame with a contested sender, in the ears of one machine. */
export interface ArpSighting {
  readonly at: Nanos;
  readonly listener: string;
  readonly address: string;
  readonly mac: string;
  readonly form: 'reply' | 'request';
  /** Sender = target: an announcement; otherwise an answer or a question. */
  readonly announces: boolean;
  /** The MAC that the listener believed before; null without an entry. */
  readonly known: string | null;
  /** What speaks against believing it; null when nothing does. */
  readonly reserve: Reserve | null;
}

/** A packet that went no further; of a VXLAN packet, the inner one. */
export interface DroppedPacket {
  readonly at: Nanos;
  readonly device: string;
  readonly reason: string;
  /** Of ARP the sender and the target. */
  readonly source: string;
  readonly destination: string;
  readonly protocol: FlowFacts['protocol'] | 'arp' | 'other';
  /** Source and destination; empty where there are none. */
  readonly ports: readonly number[];
}

/** The way of a flow, looked at when a request of it was lost. */
export interface PathSighting {
  readonly at: Nanos;
  /** When it was last found unchanged. */
  readonly until: Nanos;
  readonly flow: string;
  /** The machines that its packets come through, there and back. */
  readonly way: readonly string[];
  readonly obstacle: Obstacle | null;
}

/** A flow of the scenario and how it fared. */
export interface FlowFacts {
  readonly name: string;
  readonly from: string;
  /** The pod that it comes from; null for hosts and nodes. */
  readonly pod: {
    readonly name: string;
    readonly node: string;
    readonly address: string;
    readonly namespace: string;
  } | null;
  readonly toAddress: string;
  readonly protocol: 'icmp' | 'tcp' | 'udp';
  /** The server's; null for ICMP. */
  readonly port: number | null;
  /** When requests were seen at the server, oldest first. */
  readonly reached: readonly Nanos[];
  /**
   * Whose neighbor entries decide: on the way to a contested address the sender and its routers, on the
   * way back the server and its routers.
   */
  readonly observers: readonly string[];
  readonly outages: readonly Outage[];
}
