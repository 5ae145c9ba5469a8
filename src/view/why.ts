// Why a pod leaves as it does: `egresslab why web`.

import { z } from 'zod';
import { EgressLabError } from '../base/errors.ts';
import type { EgressReasons, Reason } from '../fabric/reason.ts';
import type { Lab } from '../lab/lab.ts';
import { unknownName } from '../lab/unknown-name.ts';

/** The chain of one pod. */
export interface WhyAnswer extends EgressReasons {
  readonly pod: string;
  readonly namespace: string;
  readonly node: string;
}

const reasonSchema: z.ZodType<Reason> = z.strictObject({
  what: z.string(),
  text: z.string(),
  holds: z.boolean(),
});

/** Validates a WhyAnswer. */
export const whyAnswerSchema: z.ZodType<WhyAnswer> = z.strictObject({
  pod: z.string(),
  namespace: z.string(),
  node: z.string(),
  verdict: z.string(),
  reasons: z.array(reasonSchema),
});

/** @throws EgressLabError EGL_NO_CLUSTER, or EGL_UNKNOWN_MACHINE for what is no pod */
export function whyPod(lab: Lab, name: string): WhyAnswer {
  const { cluster } = lab;
  if (cluster === null) {
    throw new EgressLabError('EGL_NO_CLUSTER', 'this lab has no cluster', {
      hint: 'Only pods of a cluster leave by egress IPs.',
    });
  }
  const pod = cluster.pods.get(name) ?? unknownName('machine', name, [...cluster.pods.keys()]);
  const { namespace, node } = pod;
  return { pod: name, namespace, node: node.name, ...cluster.whyPod(pod) };
}

/** The verdict, and a line for each link of the chain; `!` before what does not hold. */
export function whyLines({ namespace, node, pod, reasons, verdict }: WhyAnswer): string[] {
  const width = Math.max(...reasons.map(({ what }) => what.length));
  return [
    `${namespace}/${pod} on ${node} ${verdict}`,
    ...reasons.map(
      ({ holds, text, what }) => `${holds ? ' ' : '!'} ${what.padEnd(width)}  ${text}`,
    ),
  ];
}
