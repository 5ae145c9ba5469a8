// What runs beside a lab in real time: an API server, a control socket. `egresslab up` starts each
// once the lab stands and stops each in reverse order, however the lab ends.

import type { Lab } from '../lab/lab.ts';
import type { ScenarioSession } from '../scenario/session.ts';
import type { RealtimeDriver } from './realtime-driver.ts';

export interface LabService {
  /**
   * Resolves when the service can be used; what it has to tell the user it hands to `say`, a line at
   * a time. Whatever it does to the lab later, it does within `driver.perform`. `session` is for
   * who acts out steps.
   * @throws EgressLabError when it can not be started; the lab then ends.
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
