// What a lab says of a name that it does not know.

import { EgressLabError, type ErrorCode } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';

/** As many names as a person reads. */
const LISTED = 12;

/** What a lab has names for. */
type Named =
  | 'attachment'
  | 'fabric'
  | 'flow'
  | 'interface'
  | 'link'
  | 'machine'
  | 'port'
  | 'segment';

/** The code of a name that a lab does not know. */
const CODES: Readonly<Record<Named, ErrorCode>> = {
  attachment: 'EGL_UNKNOWN_ATTACHMENT',
  fabric: 'EGL_UNKNOWN_FABRIC',
  flow: 'EGL_UNKNOWN_FLOW',
  interface: 'EGL_UNKNOWN_INTERFACE',
  link: 'EGL_UNKNOWN_LINK',
  machine: 'EGL_UNKNOWN_MACHINE',
  port: 'EGL_UNKNOWN_PORT',
  segment: 'EGL_UNKNOWN_SEGMENT',
};

/** @throws EgressLabError EGL_UNKNOWN_…, with the names that are known and the one that was probably meant */
export function unknownName(what: Named, name: string, known: readonly string[]): never {
  const list = known.length > LISTED ? `${known.slice(0, LISTED).join(', ')} …` : known.join(', ');
  throw new EgressLabError(CODES[what], `there is no ${what} "${name}" in this lab`, {
    hint: `${didYouMean(name, known)}Known: ${list}.`,
  });
}
