// The processes of OpenShift SDN: names and process ids for its pods, an agent per node, one controller.

import { podName, processId } from '../../pod-names.ts';
import { SdnAgent } from './agent.ts';
import type { CloudNode } from './cloud.ts';
import { SdnController } from './controller.ts';
import { DEFAULT_VERBOSITY } from './klog.ts';
import type { Profile } from './profile.ts';
import type { AgentSite, ControllerSite, SdnContext } from './site.ts';
import { TrackerHistory } from './tracker-history.ts';

/** What the processes of a cluster share. */
export interface SdnProcessesOptions {
  readonly profile: Profile;
  /** `--v` of all the processes; 2 when not given. */
  readonly verbosity?: number;
  /** By node name, on a cloud platform; null, and when left out, on bare metal. */
  readonly cloud?: ReadonlyMap<string, CloudNode> | null;
}

/** Makes the processes of one cluster; none of them runs yet. */
export class SdnProcesses {
  readonly #context: SdnContext;
  readonly #options: SdnProcessesOptions;
  readonly #trackers: TrackerHistory;

  constructor(context: SdnContext, options: SdnProcessesOptions) {
    this.#context = context;
    this.#options = options;
    const { profile, verbosity = DEFAULT_VERBOSITY, cloud = null } = options;
    this.#trackers = new TrackerHistory({ profile, verbosity, cloud });
  }

  /** The sdn pod of one node. */
  agent(site: AgentSite): SdnAgent {
    const random = this.#context.random.fork(`names:${site.node.name}`);
    const pod = site.pod ?? podName('sdn', random);
    const nextPid = (): number => processId(random);
    const { profile, verbosity = DEFAULT_VERBOSITY } = this.#options;
    return new SdnAgent({
      ...site,
      profile,
      verbosity,
      context: this.#context,
      trackers: this.#trackers,
      pod,
      nextPid,
    });
  }

  /** The sdn-controller pod. */
  controller(site: ControllerSite): SdnController {
    const random = this.#context.random.fork('names:controller');
    const pod = site.pod ?? podName('sdn-controller', random);
    const nextPid = (): number => processId(random);
    return new SdnController({ ...site, ...this.#options, context: this.#context, pod, nextPid });
  }
}
