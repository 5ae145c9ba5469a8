// Labels and annotations as Kubernetes takes them (apimachinery pkg/util/validation): keys are qualified
// names, values of labels are names, values of annotations any text.

import { z } from 'zod';
import type { Optional } from './values.ts';
import { mapping } from './values.ts';

/** Labels or annotations as they are written. */
export type Labels = Readonly<Record<string, string>>;

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const PREFIX_LIMIT = 253;

/** IsQualifiedName: a name of at most 63 characters, perhaps with a DNS subdomain and '/' before it. */
export function isQualifiedName(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash < 0) return NAME.test(text);
  const prefix = text.slice(0, slash);
  const isSubdomain = prefix.split('.').every((part) => DNS_LABEL.test(part));
  return isSubdomain && prefix.length <= PREFIX_LIMIT && NAME.test(text.slice(slash + 1));
}

/** IsValidLabelValue: nothing, or a name of at most 63 characters. */
export function isLabelValue(text: string): boolean {
  return text === '' || NAME.test(text);
}

const key: z.ZodType<string, string> = z
  .string({ error: 'expected a key' })
  .refine(isQualifiedName, {
    error:
      'a key has 1 to 63 letters, digits, "-", "_" or ".", a letter or digit at both ends, and perhaps a domain and "/" before it',
  });

const VALUE =
  'expected a text of at most 63 letters, digits, "-", "_" or ".", with a letter or digit at both ends (quote true, false and numbers)';

const labelValue: z.ZodType<string, string> = z
  .string({ error: VALUE })
  .refine(isLabelValue, { error: VALUE });

const annotationValue: z.ZodType<string, string> = z.string({
  error: 'expected a text (quote true, false and numbers)',
});

/** The keys of an object's metadata, to be spread into a schema. */
export const metadataShape: {
  readonly labels: Optional<Labels>;
  readonly annotations: Optional<Labels>;
} = {
  labels: mapping(key, labelValue)
    .exactOptional()
    .describe('Labels of the object in the API, for selectors'),
  annotations: mapping(key, annotationValue)
    .exactOptional()
    .describe('Annotations of the object in the API'),
};
