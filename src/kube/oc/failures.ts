// How kubectl words the API server's refusals on stderr (kubectl pkg/cmd/util CheckErr).

import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import type { Status } from '../server/status.ts';

/** One or more lines, with the newline. @param doing put before the server's words: 'error when creating "a.yaml": ' */
export function failureText(status: Status, kind: Kind, doing: string = ''): string {
  const { code, details, message, reason } = status;
  if (reason === 'Invalid') return invalidText(status);
  if (code === 415) {
    const shown = `${apiVersionOf(kind)}, Kind=${kind.name}`;
    return `error: application/strategic-merge-patch+json is not supported by ${shown}: ${message}\n`;
  }
  if (reason === 'Unauthorized') {
    return 'error: You must be logged in to the server (Unauthorized)\n';
  }
  if (details?.causes?.some(({ reason }) => reason === 'FieldManagerConflict') === true) {
    return `error: ${message}\n`;
  }
  if (details?.causes !== undefined) return invalidText(status);
  return `Error from server (${reason}): ${doing}${message}\n`;
}

/** A line for each thing that the server warns of (kubectl's WarningWriter). */
export function warningText(warnings: readonly string[] | undefined): string {
  return (warnings ?? []).map((warning) => `Warning: ${warning}\n`).join('');
}

function invalidText({ details, message }: Status): string {
  const subject =
    details?.kind === undefined ? 'request' : `${details.kind} "${details.name ?? ''}"`;
  const causes = details?.causes ?? [];
  if (causes.length === 0) return `The ${subject} is invalid: ${message}\n`;
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`);
  if (texts.length === 1) return `The ${subject} is invalid: ${texts[0]}\n`;
  return `The ${subject} is invalid: \n${texts.map((text) => `* ${text}\n`).join('')}`;
}
