// The northbound databases and the zones of connection tracking of one cluster, for tables.

import type { LogicalNat, LogicalPolicy, LogicalTables, ZoneEntry, ZoneTuple } from '../logical.ts';
import type { CtZone } from './datapath/ct-zone.ts';
import type { OvnNode } from './datapath/node.ts';
import { ownerOf } from './datapath/notes.ts';
import { CLUSTER_ROUTER, gatewayRouter, matchText, type NorthboundDatabase } from './northbound.ts';
import type { Profile } from './profile.ts';

/** Of the gateway router, shared with the host. */
const ROUTER_ZONE = 0;
/** Of br-ex. */
const BRIDGE_ZONE = 64_000;

/** What the tables of one cluster are read from. */
export interface LogicalSources {
  readonly profile: Profile;
  readonly nodes: ReadonlyMap<string, OvnNode>;
  /** By the node of its zone; one of all is under `ovn`. */
  databases(): ReadonlyMap<string, NorthboundDatabase>;
}

/** The tables of one cluster. */
export class LogicalView implements LogicalTables {
  readonly natColumns: LogicalTables['natColumns'];
  readonly #sources: LogicalSources;

  constructor(sources: LogicalSources) {
    const { name } = sources.profile;
    this.#sources = sources;
    this.natColumns =
      name === '4.10' ? 'plain' : name === '4.14' ? 'gateway-port' : ('match' as const);
  }

  routers(): readonly { readonly database: string; readonly name: string }[] {
    const nodes = [...this.#sources.nodes.keys()];
    return [...this.#sources.databases().keys()].flatMap((database) => {
      const own = nodes.includes(database) ? [database] : nodes;
      return [CLUSTER_ROUTER, ...own.map(gatewayRouter)].map((name) => ({ database, name }));
    });
  }

  policies(): readonly LogicalPolicy[] {
    return [...this.#sources.databases()].flatMap(([database, { policies }]) =>
      policies
        .map(({ action, externalIds, match, nexthops, pktMark, priority }) => ({
          database,
          router: CLUSTER_ROUTER,
          priority,
          match: matchText(match),
          action,
          nexthops,
          options: pktMark === null ? '' : `pkt_mark=${pktMark}`,
          owner: ownerOf(externalIds),
        }))
        .sort((a, b) => b.priority - a.priority || compare(a.match, b.match)),
    );
  }

  nats(): readonly LogicalNat[] {
    return [...this.#sources.databases()].flatMap(([database, { nats }]) =>
      nats
        .map(({ externalIds, externalIp, logicalIp, logicalPort, router, type }) => ({
          database,
          router,
          type,
          externalIp,
          logicalIp,
          logicalPort,
          owner: ownerOf(externalIds),
        }))
        .sort((a, b) => compare(a.router, b.router) || compare(a.externalIp, b.externalIp)),
    );
  }

  connections(name: string): readonly ZoneEntry[] {
    const node = this.#sources.nodes.get(name);
    if (node === undefined) return [];
    return [
      ...entriesOf(node.gatewayRouter.zone, ROUTER_ZONE),
      ...entriesOf(node.brEx.zone, BRIDGE_ZONE),
    ];
  }
}

function entriesOf(tracked: CtZone, zone: number): readonly ZoneEntry[] {
  return tracked.connections().map((connection) => {
    const { answered, created, expires, mark, original, reply, sequence, state, translated } =
      connection;
    return {
      zone,
      sequence,
      protocol: original.protocol,
      state,
      original: tupleOf(original),
      reply: tupleOf(reply),
      replied: answered,
      translated,
      mark,
      since: created,
      deadline: expires,
    };
  });
}

function tupleOf({ destination, destinationPort, source, sourcePort }: ZoneTuple): ZoneTuple {
  return { source, destination, sourcePort, destinationPort };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
