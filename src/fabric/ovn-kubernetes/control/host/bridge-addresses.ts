// Egress IPs of the primary network as addresses of br-ex (node/egressip/gateway_egressip.go): each one that
// is assigned to this node and whose object has a mark. The annotation is the book: at start, what it holds
// and nobody assigns any more is taken off.

import { canonicalIp, type IpNetwork, networkContains, parseIp } from '../../ip-text.ts';
import type { EgressIp } from '../../kinds/egress-ip.ts';
import { MARK_POOL, markOf } from '../allocator/marks.ts';
import { MARK_ANNOTATION } from '../annotations.ts';
import { hostCidr } from './desired.ts';

/** What became of an event. */
export interface BridgeOutcome {
  readonly updated: boolean;
  readonly error: string | null;
}

/** What the book of br-ex is kept with. */
export interface BridgeAddressesOptions {
  readonly node: string;
  readonly primary: readonly IpNetwork[];
  /** B28: IPs of any network are taken. */
  readonly takesSecondary: boolean;
  /** `bridge-egress-ips`, as it stands. */
  readonly annotation: readonly string[];
  readonly annotate: (ips: readonly string[]) => void;
  readonly add: (cidr: string) => void;
  readonly remove: (cidr: string) => void;
}

/** Egress IPs on br-ex, and the annotation that lists them. */
export class BridgeAddresses {
  readonly #options: BridgeAddressesOptions;
  readonly #held: Set<string>;

  constructor(options: BridgeAddressesOptions) {
    this.#options = options;
    this.#held = new Set(options.annotation);
  }

  /** Canonical addresses that the annotation has. */
  get held(): readonly string[] {
    return [...this.#held].sort();
  }

  /** All objects at once, at the start. */
  sync(objects: readonly EgressIp[]): void {
    const wanted = new Set(objects.flatMap((object) => this.#ipsOf(object) ?? []));
    const gone = [...this.#held].filter((ip) => !wanted.has(ip));
    this.#apply(gone, [...wanted]);
  }

  /** One object came, differs or is gone: null. */
  change(before: EgressIp | null, after: EgressIp | null): BridgeOutcome {
    const wanted = after === null ? [] : this.#ipsOf(after);
    if (wanted === null) {
      return { updated: false, error: `invalid EgressIP mark of ${after?.metadata.name}` };
    }
    const had = (before === null ? [] : (this.#ipsOf(before) ?? [])).filter((ip) =>
      this.#held.has(ip),
    );
    const gone = had.filter((ip) => !wanted.includes(ip));
    const fresh = wanted.filter((ip) => !this.#held.has(ip));
    this.#apply(gone, fresh);
    return { updated: gone.length > 0 || fresh.length > 0, error: null };
  }

  /** The annotation first, so that an agent that dies in between finds what it has put on. */
  #apply(gone: readonly string[], fresh: readonly string[]): void {
    const { add, annotate, remove } = this.#options;
    const isSame = gone.length === 0 && fresh.every((ip) => this.#held.has(ip));
    for (const ip of gone) this.#held.delete(ip);
    for (const ip of fresh) this.#held.add(ip);
    if (!isSame) annotate(this.held);
    for (const ip of gone) remove(hostCidr(ip));
    for (const ip of fresh) add(hostCidr(ip));
  }

  /** The IPs of an object that this node's br-ex is to have; null when its mark is malformed. */
  #ipsOf({ metadata, status }: EgressIp): readonly string[] | null {
    const { node, primary, takesSecondary } = this.#options;
    const text = metadata.annotations?.[MARK_ANNOTATION];
    if (text === undefined || text === '') return [];
    const mark = markOf(text);
    if (mark === null || mark < MARK_POOL[0] || mark > MARK_POOL[1]) return null;
    return (status?.items ?? []).flatMap((item) => {
      const ip = parseIp(item.egressIP);
      if (item.node !== node || ip === null) return [];
      const isPrimary = primary.some((network) => networkContains(network, ip));
      return isPrimary || takesSecondary ? (canonicalIp(item.egressIP) ?? []) : [];
    });
  }
}
