// How a write is meant, as its query parameters say: `dryRun`, `fieldManager`, `fieldValidation`, `force`.

import type { UnknownFields } from '../../kube/server/proposal.ts';
import * as status from '../../kube/server/status.ts';
import type { WriteOptions } from '../../kube/server/store.ts';
import type { Exchange } from './exchange.ts';
import { type Checked, dryRunOf } from './query.ts';

const UNKNOWN_FIELDS: Readonly<Record<string, UnknownFields>> = {
  '': 'warn',
  Ignore: 'drop',
  Strict: 'refuse',
  Warn: 'warn',
};
/** apimachinery pkg/apis/meta/v1/validation FieldManagerMaxLength. */
const MANAGER_LIMIT = 128;

/** What a client that is a program is called: 'kubectl' of 'kubectl/v1.32.4 (linux/amd64)'. */
export function clientName(exchange: Exchange): string {
  return exchange.header('user-agent').split('/', 1)[0] ?? '';
}

/** The terms of a write through one part of an object. */
export function writeTermsOf(
  exchange: Exchange,
  part: 'main' | 'status',
): Checked<WriteOptions & { readonly manager: string }> {
  const { query } = exchange;
  const validation = query.get('fieldValidation') ?? '';
  const unknownFields = Object.hasOwn(UNKNOWN_FIELDS, validation)
    ? UNKNOWN_FIELDS[validation]
    : undefined;
  if (unknownFields === undefined) {
    const message = `fieldValidation: Unsupported value: ${JSON.stringify(validation)}: supported values: "Ignore", "Strict", "Warn"`;
    return { ok: false, status: status.badRequest(message) };
  }
  const given = query.get('fieldManager') ?? '';
  if (given.length > MANAGER_LIMIT || !isPrintable(given)) {
    const message = `fieldManager: Invalid value: must be at most ${MANAGER_LIMIT} printable characters`;
    return { ok: false, status: status.badRequest(message) };
  }
  const manager = given === '' ? clientName(exchange).slice(0, MANAGER_LIMIT) : given;
  return { ok: true, value: { dryRun: dryRunOf(query), part, unknownFields, manager } };
}

function isPrintable(text: string): boolean {
  return /^\P{C}*$/u.test(text);
}
