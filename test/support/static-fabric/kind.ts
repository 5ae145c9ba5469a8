// The only object of the static fabric: by which node a namespace leaves.

import { column, nameColumn } from '../../../src/kube/kinds/columns.ts';
import { defineKind, type Kind } from '../../../src/kube/kinds/kind.ts';
import type { ObjectMeta } from '../../../src/kube/kinds/object.ts';
import { text } from '../../../src/kube/kinds/schema.ts';

export type Gateway = {
  readonly apiVersion: 'static.example.com/v1';
  readonly kind: 'Gateway';
  readonly metadata: ObjectMeta;
  readonly node: string;
};

export const Gateways: Kind<Gateway> = defineKind<Gateway>({
  name: 'Gateway',
  plural: 'gateways',
  group: 'static.example.com',
  description: 'Gateway says by which node a namespace leaves.',
  fields: { node: text('The node.', { pattern: '^[a-z0-9.-]+$' }) },
  required: ['node'],
  columns: [nameColumn, column('Node', ({ node }) => node)],
});
