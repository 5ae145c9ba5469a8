// What the processes of OVN-Kubernetes find in the lab, and the voice with which each life of one speaks.

import type { ApiConnection } from '../../../kube/client/connection.ts';
import { EventRecorder } from '../../../kube/client/event-recorder.ts';
import type { PodLog, PodLogs } from '../../../kube/server/pod-logs.ts';
import type { WallClock } from '../../../kube/wall-clock.ts';
import type { Emitter } from '../../../sim/event-log.ts';
import type { Random } from '../../../sim/random.ts';
import type { Scheduler } from '../../../sim/scheduler.ts';
import type { EgressEvents } from '../../egress-events.ts';
import { formatKlog } from '../../klog.ts';
import { EgressIps } from '../kinds/egress-ip.ts';
import type { Profile } from '../profile.ts';
import { EVENT_SOURCE } from './allocator/messages.ts';
import type { Voice } from './sink.ts';

/** What all the processes share. */
export interface OvnContext {
  readonly scheduler: Scheduler;
  readonly clock: WallClock;
  readonly events: Emitter<EgressEvents>;
  /** Forked by name. */
  readonly random: Random;
  readonly logs: PodLogs;
  readonly profile: Profile;
}

/** `--loglevel=4`: what cluster-network-operator gives to ovnkube. */
const VERBOSITY = 4;

/** Where a voice comes from and goes to. */
export interface VoiceOptions {
  readonly context: OvnContext;
  readonly connection: ApiConnection;
  /** Where the process runs: the source of its log lines in the event log. */
  readonly source: string;
  readonly pod: string;
  readonly pid: number;
  readonly log: PodLog;
}

/** The voice of one life of a process: its log, and Events through its own connection. */
export function voiceOf({ connection, context, log, pid, pod, source }: VoiceOptions): Voice {
  const { clock, events } = context;
  return {
    log: (severity, at, text, verbosity = 0) => {
      if (verbosity > VERBOSITY) return;
      const line = formatKlog(severity, clock.micros(), pid, at, text);
      log.append(line);
      events.emit(source, 'log-line', { pod, line });
    },
    event: (name, { message, reason }) => {
      connection.request(
        (store) => {
          const found = store.find(EgressIps, name);
          if (found.ok) {
            const recorder = new EventRecorder(store, EVENT_SOURCE);
            recorder.record(found.object, 'Warning', reason, message);
          }
          return found;
        },
        () => undefined,
      );
    },
  };
}
