// What every part of one lab shares: time, chance, memory and the log. Two labs share nothing.

import { EventLog } from '../sim/event-log.ts';
import { Random } from '../sim/random.ts';
import { Scheduler } from '../sim/scheduler.ts';
import { FrameArena } from '../wire/frame.ts';
import type { LabEvents } from './events.ts';

/** What all parts of one lab share. */
export interface LabContext {
  readonly scheduler: Scheduler;
  readonly arena: FrameArena;
  /** The root stream: fork it by name, never draw from it. */
  readonly random: Random;
  readonly events: EventLog<LabEvents>;
}

/** A context at time zero; everything of chance in it comes from `seed`. */
export function createContext(seed: number): LabContext {
  const scheduler = new Scheduler();
  return {
    scheduler,
    arena: new FrameArena(),
    random: new Random(seed),
    events: new EventLog(scheduler),
  };
}
