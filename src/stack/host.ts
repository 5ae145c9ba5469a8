// What every part of a host may know of it: its name, its tables and its means. Parts that need another
// part besides (a protocol the neighbor table, say) ask for that one as well; nobody asks for all.

import type { Drops } from '../link/drops.ts';
import type { Emitter } from '../sim/event-log.ts';
import type { Random } from '../sim/random.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import type { FrameArena } from '../wire/frame.ts';
import type { AddressTable } from './device/address-table.ts';
import type { Interface } from './device/interface.ts';
import type { StackEvents } from './events.ts';
import type { Hooks } from './hooks.ts';
import type { Fib } from './ipv4/fib.ts';
import type { RouteTable } from './ipv4/route-table.ts';
import type { SysctlTree } from './sysctl/tree.ts';

/** A machine in the eyes of its parts. `NetworkStack` is one. */
export interface Host {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly arena: FrameArena;
  /** This host's own stream; parts fork theirs from it by name. */
  readonly random: Random;
  readonly events: Emitter<StackEvents>;
  readonly drops: Drops;
  readonly sysctl: SysctlTree;
  /** By index: `lo` is the first. */
  readonly interfaces: readonly Interface[];
  readonly loopback: Interface;
  readonly addresses: AddressTable;
  /** All routing tables and the rules that choose among them. */
  readonly fib: Fib;
  /** The main table of `fib`. */
  readonly routes: RouteTable;
  readonly hooks: Hooks;
  /** False after a power failure: the host sends nothing and answers nothing. */
  readonly powered: boolean;
}
