// Names that would mean two things: words of the topology language, what looks like an address, and what
// Linux calls something else.

import type { Path } from '../schema/position.ts';
import type { Context } from './context.ts';

/** What a word means where a machine, pod or segment can be named, too. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['drops', 'means the dropped frames in a capture'],
  ['kernel', 'means the devices of this machine'],
  ['nobody', 'means that no machine holds an address'],
  ['broadcast', 'means the address of all stations'],
]);

/**
 * Reports a name that no machine, pod or segment can have. A segment may be a bare number, as VLANs are:
 * where a segment can be named, an address has dots.
 */
export function reportReservedName(context: Context, what: string, name: string, path: Path): void {
  const meaning = WORDS.get(name);
  if (meaning !== undefined) {
    context.report(path, `"${name}" ${meaning}`, `rename the ${what}`, 'key');
  } else if ((what === 'segment' ? /^\d+(\.\d+)+$/ : /^[\d.]+$/).test(name)) {
    const message = `"${name}" would be read as an address wherever it is named`;
    context.report(path, message, `give the ${what} a name with a letter`, 'key');
  }
}

/** Reports the name of an interface that Linux, or a capture, takes for something else. */
export function reportReservedInterface(context: Context, name: string, path: Path): void {
  const why = interfaceProblem(name);
  if (why !== null) context.report(path, why, 'choose another name, such as eth0', 'key');
}

function interfaceProblem(name: string): string | null {
  if (name === 'lo') return '"lo" is the loopback interface, which every machine has';
  // sysctl_dev_name_is_allowed of net/ipv4/devinet.c
  if (name === 'all' || name === 'default') {
    return `"${name}" means a group of interfaces in the names of sysctls`;
  }
  if (name.includes('*')) return `"${name}" would be read as a pattern in a capture`;
  return null;
}
