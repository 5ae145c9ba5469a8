// k8s.ovn.org/v1 EgressIP (crd/egressip/v1/types.go): cluster scoped, no status subresource, no age column.

import { type Column, column, nameColumn } from '../../../kube/kinds/columns.ts';
import { defineKind, type Kind } from '../../../kube/kinds/kind.ts';
import type { ObjectMeta } from '../../../kube/kinds/object.ts';
import { list, type ObjectSchema, object, text, textMap } from '../../../kube/kinds/schema.ts';

/** The group of all kinds of OVN-Kubernetes. */
export const OVN_GROUP = 'k8s.ovn.org';

/** metav1.LabelSelector. */
export type LabelSelector = {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelExpression[];
};

/** One requirement of a selector. */
export type LabelExpression = {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
};

/** One egress IP and the node that has it. */
export type EgressIpStatusItem = {
  readonly node: string;
  readonly egressIP: string;
};

/** Which pods leave the cluster with which addresses, and where these are now. */
export type EgressIp = {
  readonly apiVersion: 'k8s.ovn.org/v1';
  readonly kind: 'EgressIP';
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly egressIPs: readonly string[];
    readonly namespaceSelector: LabelSelector;
    readonly podSelector?: LabelSelector;
  };
  readonly status?: { readonly items: readonly EgressIpStatusItem[] };
};

/** The egress IPs of selected pods. */
export const EgressIps: Kind<EgressIp> = defineKind<EgressIp>({
  name: 'EgressIP',
  plural: 'egressips',
  shortNames: ['eip'],
  group: OVN_GROUP,
  description:
    'EgressIP is a CRD allowing the user to define a fixed source IP for all egress traffic originating from any pods which match the EgressIP resource according to its spec definition.',
  fields: {
    spec: object(
      'Specification of the desired behavior of EgressIP.',
      {
        egressIPs: list(
          'EgressIPs is the list of egress IP addresses requested. Can be IPv4 and/or IPv6. This field is mandatory.',
          text('An IP address.'),
        ),
        namespaceSelector: selector(
          'NamespaceSelector applies the egress IP only to the namespace(s) whose label matches this definition. This field is mandatory.',
        ),
        podSelector: selector(
          'PodSelector applies the egress IP only to the pods whose label matches this definition. This field is optional, and in case it is not set: results in the egress IP being applied to all pods in the namespace(s) matched by the NamespaceSelector.',
        ),
      },
      ['egressIPs', 'namespaceSelector'],
    ),
    status: object(
      'Observed status of EgressIP. Read-only.',
      {
        items: list(
          'The list of assigned egress IPs and their corresponding node assignment.',
          object(
            'The per node status, for those egress IPs who have been assigned.',
            {
              egressIP: text('Assigned egress IP'),
              node: text('Assigned node name'),
            },
            ['egressIP', 'node'],
          ),
        ),
      },
      ['items'],
    ),
  },
  required: ['spec'],
  columns: [
    nameColumn,
    // A JSONPath column shows the first of several results (apiextensions-apiserver, tableconvertor).
    column('EgressIPs', ({ spec }) => spec.egressIPs[0] ?? null),
    ...statusColumns(),
  ],
});

function statusColumns(): readonly Column<EgressIp>[] {
  return [
    column('Assigned Node', ({ status }) => status?.items[0]?.node ?? null),
    column('Assigned EgressIPs', ({ status }) => status?.items[0]?.egressIP ?? null),
  ];
}

function selector(description: string): ObjectSchema {
  return object(description, {
    matchExpressions: list(
      'matchExpressions is a list of label selector requirements. The requirements are ANDed.',
      object(
        'A label selector requirement is a selector that contains values, a key, and an operator that relates the key and values.',
        {
          key: text('key is the label key that the selector applies to.'),
          operator: text(
            "operator represents a key's relationship to a set of values. Valid operators are In, NotIn, Exists and DoesNotExist.",
          ),
          values: list('values is an array of string values.', text('A value of the label.')),
        },
        ['key', 'operator'],
      ),
    ),
    matchLabels: textMap(
      'matchLabels is a map of {key,value} pairs. A single {key,value} in the matchLabels map is equivalent to an element of matchExpressions, whose key field is "key", the operator is "In", and the values array contains only "value".',
    ),
  });
}
