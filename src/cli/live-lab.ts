// A lab in real time with everything around it: kernel devices, captures, services. Whatever happens,
// all of it is put away again in the opposite order. Loaded by `egresslab up` only.

import { EgressLabError } from '../base/errors.ts';
import type { Lab } from '../lab/lab.ts';
import { becomeUser, personNamed } from '../platform/linux/user.ts';
import {
  type Doorbell,
  type LagPolicy,
  monotonicClock,
  RealtimeDriver,
  TimerDoorbell,
} from '../platform/realtime-driver.ts';
import type { RunReport } from '../scenario/report.ts';
import { ScenarioSession, type SessionOptions } from '../scenario/session.ts';
import type { Topology } from '../topology/topology.ts';

/** How often captures are brought up to date. */
const FLUSH_MILLISECONDS = 500;
/** The same for those who read along. */
const READER_FLUSH_MILLISECONDS = 100;

/** What runs beside a lab in real time, such as the server of its API. */
export interface LabService {
  /**
   * Resolves when the service can be used; what it has to tell the user it hands to `say`, a line at
   * a time. Whatever it does to the lab later, it does within `driver.perform`. `session` is for
   * who acts out steps.
   * @throws EgressLabError when it cannot be started; the lab then ends.
   */
  start(
    lab: Lab,
    driver: RealtimeDriver,
    say: (line: string) => void,
    session: ScenarioSession,
  ): Promise<void> | void;
  /** Called once for every service that was started. */
  stop(): Promise<void> | void;
}

/** What a lab in real time needs beside its topology. */
export interface LiveOptions extends SessionOptions {
  readonly lagPolicy: LagPolicy;
  /** Whom to become once the devices are open; null to stay who we are. */
  readonly user: string | null;
  /** Made by the caller, started and stopped here. */
  readonly services: readonly LabService[];
  /** Lines of services for the user. */
  readonly say: (line: string) => void;
  /** A program reads the capture while it is written. */
  readonly isReadAlong?: boolean;
}

/**
 * Runs a topology in real time until the signal is aborted, or until a problem that the report tells.
 * @throws EgressLabError for what cannot even start.
 */
export async function runLive(
  topology: Topology,
  options: LiveOptions,
  signal: AbortSignal,
): Promise<RunReport> {
  const stack = new Cleanup();
  // Lab time zero is now: captures of the lab and of the kernel show the same times.
  const origin = monotonicClock();
  const live: Topology = { ...topology, epoch: epochNow() };
  try {
    const doorbell = await openKernel(live, options.user, stack);
    const failed = new AbortController();
    const session = new ScenarioSession(live, {
      ...options,
      ...doorbell.provided,
      onStop: () => failed.abort(),
    });
    stack.defer(() => session.dispose());
    doorbell.ready();
    session.begin();
    const { lab } = session;
    const { scheduler, events } = lab;
    const { lagPolicy } = options;
    const { bell } = doorbell;
    const driver = new RealtimeDriver({ scheduler, events, doorbell: bell, lagPolicy, origin });
    const period = options.isReadAlong === true ? READER_FLUSH_MILLISECONDS : FLUSH_MILLISECONDS;
    const flusher = setInterval(() => session.flush(), period);
    stack.defer(() => clearInterval(flusher));
    for (const service of options.services) {
      await service.start(lab, driver, options.say, session);
      stack.defer(() => service.stop());
    }
    try {
      await driver.run(AbortSignal.any([signal, failed.signal]));
    } catch (error) {
      if (!(error instanceof EgressLabError)) throw error;
      session.fail(error);
    }
    return session.finish(lab.now < topology.scenario.duration);
  } finally {
    await stack.run();
  }
}

/** The wall clock, in the form of a topology's epoch. */
function epochNow(): Topology['epoch'] {
  const milliseconds = performance.timeOrigin + performance.now();
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds, nanos: Math.round((milliseconds - seconds * 1000) * 1e6) };
}

interface Kernel {
  readonly bell: Doorbell;
  readonly provided: Pick<SessionOptions, 'attachments'>;
  /** The lab stands and every device is open. */
  ready(): void;
}

async function openKernel(
  topology: Topology,
  user: string | null,
  cleanup: Cleanup,
): Promise<Kernel> {
  if (topology.attachments.length === 0) {
    const person = user === null ? null : personNamed(user);
    const ready = (): void => {
      if (person !== null) becomeUser(person);
    };
    return { bell: new TimerDoorbell(), provided: {}, ready };
  }
  const { KernelAttachments } = await import('../platform/kernel-attachments.ts');
  const kernel = await KernelAttachments.create(topology, user);
  cleanup.defer(() => kernel.close());
  return { bell: kernel, provided: { attachments: kernel }, ready: () => kernel.ready() };
}

/** What has to be undone, in the opposite order of doing; one failure does not stop the others. */
class Cleanup {
  readonly #tasks: (() => Promise<void> | void)[] = [];

  defer(task: () => Promise<void> | void): void {
    this.#tasks.push(task);
  }

  async run(): Promise<void> {
    const errors: unknown[] = [];
    for (const task of this.#tasks.reverse()) {
      try {
        await task();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
