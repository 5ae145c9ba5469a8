// v1 Namespace: a project of the cluster.

import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind, type Kind } from './kind.ts';
import type { ObjectMeta } from './object.ts';
import { list, openObject, text } from './schema.ts';

/** A scope for names. */
export type Namespace = {
  readonly apiVersion: 'v1';
  readonly kind: 'Namespace';
  readonly metadata: ObjectMeta;
  readonly status?: { readonly phase: string };
};

/** The namespaces of the cluster. */
export const Namespaces: Kind<Namespace> = defineKind<Namespace>({
  name: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  subresources: ['status'],
  description: 'Namespace provides a scope for Names.',
  fields: {
    spec: openObject('Spec defines the behavior of the Namespace.', {
      finalizers: list(
        'What must be empty before the namespace is removed; the lab does not look at it.',
        text('The name of a finalizer.'),
      ),
    }),
    status: openObject('Status describes the current status of a Namespace.', {
      phase: text('Phase is the current lifecycle phase of the namespace.'),
    }),
  },
  columns: [nameColumn, column('Status', ({ status }) => status?.phase ?? 'Active'), ageColumn],
  complete: (document) => ({ ...document, status: document.status ?? { phase: 'Active' } }),
});
