// Where within a device something was dropped.

/**
 * A name alone where the name says it all: of an interface, a port or a cable, or of the protocol that
 * refused it ('enp1s0', 'lan/3', 'tcp'). A record where there is more to say.
 */
export type DropPlace = string | RulePlace | FlowPlace;

/** A rule of a packet filter, or the policy of its chain. */
export interface RulePlace {
  readonly kind: 'rule';
  /** 'input', 'forward', 'output'. */
  readonly chain: string;
  /** What the rule says about itself; null for a policy, and for a rule without a comment. */
  readonly comment: string | null;
}

/** A table of flows in a bridge. */
export interface FlowPlace {
  readonly kind: 'flow';
  /** 'br0'. */
  readonly bridge: string;
  readonly table: number;
  /** Whose packets the flow takes, in the words of the network that made it; null for anybody's. */
  readonly tenant: string | null;
}

/** As captures show it: 'enp1s0', 'forward (no mail)', 'br0 table 30'. */
export function formatPlace(place: DropPlace): string {
  if (typeof place === 'string') return place;
  switch (place.kind) {
    case 'rule':
      return place.comment === null ? place.chain : `${place.chain} (${place.comment})`;
    case 'flow': {
      const table = `${place.bridge} table ${place.table}`;
      return place.tenant === null ? table : `${table} ${place.tenant}`;
    }
  }
}
