// coordination.k8s.io/v1 Lease: which replica of a controller leads.

import { ageColumn, column, nameColumn } from '../../../kube/kinds/columns.ts';
import { defineKind, type Kind } from '../../../kube/kinds/kind.ts';
import type { ObjectMeta } from '../../../kube/kinds/object.ts';
import { integer, object, text, timestamp } from '../../../kube/kinds/schema.ts';

/** Who leads, and until when unless it says so again. */
export type Lease = {
  readonly apiVersion: 'coordination.k8s.io/v1';
  readonly kind: 'Lease';
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
};

/** Who leads. */
export const Leases: Kind<Lease> = defineKind<Lease>({
  name: 'Lease',
  plural: 'leases',
  group: 'coordination.k8s.io',
  namespaced: true,
  custom: false,
  description: 'Lease defines a lease concept.',
  fields: {
    spec: object('spec contains the specification of the Lease.', {
      holderIdentity: text(
        'holderIdentity contains the identity of the holder of a current lease.',
      ),
      leaseDurationSeconds: integer(
        'leaseDurationSeconds is a duration that candidates for a lease need to wait to force acquire it.',
      ),
      acquireTime: timestamp('acquireTime is a time when the current lease was acquired.'),
      renewTime: timestamp(
        'renewTime is a time when the current holder of a lease has last updated the lease.',
      ),
      leaseTransitions: integer(
        'leaseTransitions is the number of transitions of a lease between holders.',
      ),
    }),
  },
  required: ['spec'],
  columns: [nameColumn, column('Holder', ({ spec }) => spec.holderIdentity ?? null), ageColumn],
});
