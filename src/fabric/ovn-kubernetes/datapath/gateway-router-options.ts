// What a gateway router is made with, and what differs between releases of OVN.

import type { Drops } from '../../../link/drops.ts';
import type { Emitter } from '../../../sim/event-log.ts';
import type { Random } from '../../../sim/random.ts';
import type { Scheduler } from '../../../sim/scheduler.ts';
import type { StackEvents } from '../../../stack/events.ts';
import type { Frame, FrameArena } from '../../../wire/frame.ts';
import type { Ipv4Address, Ipv4Cidr } from '../../../wire/ipv4-address.ts';
import type { MacAddress } from '../../../wire/mac-address.ts';
import type { NorthboundDatabase } from '../northbound.ts';
import type { Ageing } from './mac-bindings.ts';
import type { Member, NetworkMap } from './network-map.ts';
import type { DatapathType } from './port-choice.ts';

/** Takes a writable packet on. */
export type NextStage = (frame: Frame, l3: number) => void;

/** What differs from one release of OVN to the next. */
export interface OvnRelease {
  /** Seconds after an address comes at which it is announced. */
  readonly announcements: readonly number[];
  readonly knowsMaxTimeout: boolean;
  readonly ageing: Ageing;
  /** So many packets wait for one neighbor. */
  readonly queueLimit: number;
}

/** What a gateway router is made with. */
export interface GatewayRouterOptions {
  readonly scheduler: Scheduler;
  readonly arena: FrameArena;
  readonly random: Random;
  readonly drops: Drops;
  readonly events: Emitter<StackEvents>;
  readonly database: NorthboundDatabase;
  readonly map: NetworkMap;
  readonly member: Member;
  readonly release: OvnRelease;
  readonly datapath: DatapathType;
  /** Of its external port: the node's. */
  readonly mac: MacAddress;
  readonly address: Ipv4Cidr;
  /** Null: nothing beyond the node's own network. */
  readonly defaultGateway: Ipv4Address | null;
  /** options:gateway_mtu of its port to the join switch; 0: none. */
  readonly gatewayMtu: number;
  /** mac_binding_age_threshold in seconds. */
  readonly bindingAge: number;
  /** Control plane protection: packets of a kind per second that reach ovn-controller; 0: all. */
  readonly meterRate: number;
  /** It announces egress IPs (nat-addresses=router); its own address it always does. */
  readonly announcesRows: boolean;
  /** It answers announcements of addresses that it holds, too (up to OVN 25.03). */
  readonly answersAnnouncements: boolean;
  /** Its port to the external switch: br-ex. */
  readonly toBridge: (frame: Frame) => void;
  /** Its port to the join switch: the cluster router. */
  readonly toCluster: NextStage;
}
