// Label selectors of objects (metav1.LabelSelector) and which pods they select (ovn/egressip.go:591-860).

import { labelKeyProblem, labelValueProblem } from '../../../../kube/kinds/metadata.ts';
import type { TextMap } from '../../../../kube/kinds/object.ts';
import type { EgressIp, LabelExpression, LabelSelector } from '../../kinds/egress-ip.ts';

/** What is wrong with a selector, or null (metav1.LabelSelectorAsSelector). */
export function selectorProblem({ matchExpressions, matchLabels }: LabelSelector): string | null {
  for (const [key, value] of Object.entries(matchLabels ?? {})) {
    const problem = labelKeyProblem(key) ?? labelValueProblem(value);
    if (problem !== null) return problem;
  }
  for (const { key, operator, values = [] } of matchExpressions ?? []) {
    const problem = labelKeyProblem(key);
    if (problem !== null) return problem;
    const isSet = operator === 'In' || operator === 'NotIn';
    if (!isSet && operator !== 'Exists' && operator !== 'DoesNotExist') {
      return `"${operator}" is not a valid label selector operator`;
    }
    if (isSet && values.length === 0)
      return `values: for '${operator}' operator, values set can't be empty`;
    if (!isSet && values.length > 0)
      return `values: values set must be empty for exists and does not exist`;
  }
  return null;
}

/** What is wrong with either selector of an object, or null. */
export function selectorsProblem({
  namespaceSelector,
  podSelector = {},
}: EgressIp['spec']): string | null {
  return selectorProblem(namespaceSelector) ?? selectorProblem(podSelector);
}

/** All requirements must hold; an empty selector picks everything. */
export function selects(
  { matchExpressions, matchLabels }: LabelSelector,
  labels: TextMap,
): boolean {
  for (const key in matchLabels) if (labels[key] !== matchLabels[key]) return false;
  return matchExpressions?.every((expression) => holds(expression, labels)) ?? true;
}

function holds({ key, operator, values = [] }: LabelExpression, labels: TextMap): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}
