// Netfilter of one host. Each part attaches its hooks to the stack when it is first asked for, as the
// kernel modules do: a host without rules pays nothing, a firewall without states tracks nothing.
//
//   const { snat } = new Netfilter(node.stack, lab.events);
//   snat.append({ match: { source: pods, outInterface: 'eth0' }, target: { kind: 'masquerade' } });

import type { Emitter } from '../sim/event-log.ts';
import type { NetworkStack } from '../stack/stack.ts';
import type { Connection } from './conntrack/connection.ts';
import { Conntrack } from './conntrack/conntrack.ts';
import type { NatEvents } from './events.ts';
import { Filter } from './filter/filter.ts';
import { Snat } from './snat/snat.ts';

/** A host's conntrack, nat table and filter, hooked into its stack. */
export class Netfilter {
  readonly #stack: NetworkStack;
  readonly #events: Emitter<NatEvents>;
  #conntrack: Conntrack | null = null;
  #snat: Snat | null = null;
  #filter: Filter | null = null;

  /** One per stack. Power off makes it forget its connections; rules stay. */
  constructor(stack: NetworkStack, events: Emitter<NatEvents>) {
    this.#stack = stack;
    this.#events = events;
  }

  get conntrack(): Conntrack {
    this.#conntrack ??= new Conntrack(this.#stack);
    return this.#conntrack;
  }

  get snat(): Snat {
    this.#snat ??= new Snat(this.#stack, this.conntrack, this.#events);
    return this.#snat;
  }

  get filter(): Filter {
    this.#filter ??= new Filter(this.#stack, () => {
      this.#conntrack ??= new Conntrack(this.#stack);
    });
    return this.#filter;
  }

  /** Tracked connections, oldest first; none where no part tracks any. Asking begins nothing. */
  connections(): readonly Connection[] {
    return this.#conntrack?.entries() ?? [];
  }
}
