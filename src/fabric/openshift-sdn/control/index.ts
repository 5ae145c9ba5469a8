// OpenShift SDN as a policy of the lab: names and process ids for its pods, an agent per node, one
// controller.

import { SdnAgent } from './agent.ts';
import { SdnController } from './controller.ts';
import { podName, processId } from './names.ts';
import type { AgentSite, ControllerSite, EgressContext, EgressPolicy } from './policy.ts';
import type { Profile } from './profile.ts';

export interface OpenshiftSdnOptions {
  readonly profile: Profile;
  /** `--v` of all its processes; 2 when not given. */
  readonly verbosity?: number;
}

export class OpenshiftSdn implements EgressPolicy {
  readonly name = 'openshift-sdn';
  readonly #context: EgressContext;
  readonly #options: OpenshiftSdnOptions;

  constructor(context: EgressContext, options: OpenshiftSdnOptions) {
    this.#context = context;
    this.#options = options;
  }

  agent(site: AgentSite): SdnAgent {
    const random = this.#context.random.fork(`names:${site.node.name}`);
    const pod = site.pod ?? podName('sdn', random);
    const nextPid = (): number => processId(random);
    return new SdnAgent({ ...site, ...this.#options, context: this.#context, pod, nextPid });
  }

  controller(site: ControllerSite): SdnController {
    const random = this.#context.random.fork('names:controller');
    const pod = site.pod ?? podName('sdn-controller', random);
    const nextPid = (): number => processId(random);
    return new SdnController({ ...site, ...this.#options, context: this.#context, pod, nextPid });
  }
}
