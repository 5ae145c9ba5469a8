// What a lab says of a name that it does not know.

import { EgressLabError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';

/** As many names as a person reads. */
const LISTED = 12;

/** @throws EgressLabError EGL_UNKNOWN_…, with the names that are known and the one that was probably meant */
export function unknownName(
  what: 'machine' | 'segment' | 'interface' | 'link' | 'attachment' | 'port' | 'flow',
  name: string,
  known: readonly string[],
): never {
  const list = known.length > LISTED ? `${known.slice(0, LISTED).join(', ')} …` : known.join(', ');
  throw new EgressLabError(
    `EGL_UNKNOWN_${what.toUpperCase()}`,
    `there is no ${what} "${name}" in this lab`,
    { hint: `${didYouMean(name, known)}Known: ${list}.` },
  );
}
