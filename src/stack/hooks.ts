// The five netfilter points, each a list of functions in priority order:
//
//   in ─▶ Prerouting ─▶ (route) ─▶ Forward ─▶ Postrouting ─▶ out
//                          │                      ▲
//                          ▼                      │
//                        Input ─▶ sockets ─▶ Output (routed)

import { type Packet, Verdict } from './packet.ts';

/** Where hooks run, in the order of the picture above. */
export const HookPoint = {
  Prerouting: 0,
  Input: 1,
  Forward: 2,
  Output: 3,
  Postrouting: 4,
} as const;
export type HookPoint = (typeof HookPoint)[keyof typeof HookPoint];

/** enum nf_ip_hook_priorities, include/uapi/linux/netfilter_ipv4.h. */
export const HookPriority = {
  Defrag: -400,
  Conntrack: -200,
  Mangle: -150,
  DestinationNat: -100,
  Filter: 0,
  SourceNat: 100,
  ConntrackConfirm: 0x7fff_ffff,
} as const;

/** Judges a packet, and may change its numbers. */
export type PacketHook = (packet: Packet) => Verdict;

interface Registered {
  readonly priority: number;
  readonly hook: PacketHook;
}

/** The chains of one host. */
export class Hooks {
  readonly #chains: readonly Registered[][] = [[], [], [], [], []];

  /** Adds a hook; among equals the earlier registered runs first. Returns how to remove it. */
  register(point: HookPoint, priority: number, hook: PacketHook): () => void {
    const chain = this.#chain(point);
    const entry: Registered = { priority, hook };
    const after = chain.findIndex((other) => other.priority > priority);
    if (after < 0) chain.push(entry);
    else chain.splice(after, 0, entry);
    return () => {
      const index = chain.indexOf(entry);
      if (index >= 0) chain.splice(index, 1);
    };
  }

  /** True if no hook runs there: nothing can change a packet on its way. */
  isEmpty(point: HookPoint): boolean {
    return this.#chain(point).length === 0;
  }

  /** Runs the chain until a hook says something other than Accept. */
  run(point: HookPoint, packet: Packet): Verdict {
    const chain = this.#chain(point);
    for (let i = 0; i < chain.length; i++) {
      const entry = chain[i];
      if (entry === undefined) break;
      const verdict = entry.hook(packet);
      if (verdict !== Verdict.Accept) return verdict;
    }
    return Verdict.Accept;
  }

  #chain(point: HookPoint): Registered[] {
    return this.#chains[point] as Registered[];
  }
}
