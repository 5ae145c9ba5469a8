// `oc: "patch netnamespace ..."`: a command typed at that moment, verbatim as in OpenShift's docs.

import type { StepBase } from './step.ts';

export interface OcStep extends StepBase {
  readonly kind: 'oc';
  /** Everything after `oc`. */
  readonly command: string;
}
