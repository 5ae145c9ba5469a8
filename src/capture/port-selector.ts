// Which ports a capture looks at, by name:
//
//   worker02/enp1s0   one port             */enp1s0   that interface of every device
//   worker02          all of its ports     lan/*      all ports of one device
//   drops             no port, but what is dropped anywhere
//
// `*` stands for any characters on its side of the '/'. Nothing is guessed: a selector that picks
// nothing is returned, and saying so, with the position, is the caller's business.

import { EgressLabError } from '../base/errors.ts';

/** The pseudo interface of dropped frames. */
export const DROPS_SELECTOR = 'drops';

/** The ports that a selector names, and the words that name none. */
export interface PortSelection<P> {
  /** Each once, in the order of `ports`, whatever the order of the selectors. */
  readonly ports: readonly P[];
  readonly drops: boolean;
  /** Selectors that picked nothing, in their order. */
  readonly unmatched: readonly string[];
}

/** How many selectors may have a `*`: each is compared with every device. */
export const PATTERN_LIMIT = 100;

/** Applies all selectors to all ports. @throws EgressLabError EGL_ARGUMENT for more patterns than anybody writes */
export function selectPorts<P extends { readonly name: string }>(
  selectors: readonly string[],
  ports: readonly P[],
): PortSelection<P> {
  const patterns = selectors.filter((selector) => selector.includes('*')).length;
  if (patterns > PATTERN_LIMIT) {
    throw new EgressLabError('EGL_ARGUMENT', `${patterns} patterns of ports are too many`, {
      hint: `At most ${PATTERN_LIMIT} may have a "*"; list the ports, or take '*' for all.`,
    });
  }
  const byDevice = devicesOf(ports);
  const selected = new Set<P>();
  const unmatched: string[] = [];
  let drops = false;
  for (const selector of new Set(selectors)) {
    if (selector === DROPS_SELECTOR) {
      drops = true;
      continue;
    }
    const [devicePattern, interfacePattern] = split(selector);
    const matches = matcherOf(interfacePattern ?? '*');
    let picked = 0;
    for (const device of devicesMatching(byDevice, devicePattern)) {
      for (const { interfaceName, port } of device) {
        if (!matches(interfaceName)) continue;
        selected.add(port);
        picked++;
      }
    }
    if (picked === 0) unmatched.push(selector);
  }
  return { ports: ports.filter((port) => selected.has(port)), drops, unmatched };
}

/** The ports of one device, and what stands behind the '/'. */
type Device<P> = { readonly interfaceName: string; readonly port: P }[];

/** A list of ten thousand names is looked up, not compared with ten thousand ports each. */
function devicesOf<P extends { readonly name: string }>(
  ports: readonly P[],
): ReadonlyMap<string, Device<P>> {
  const devices = new Map<string, Device<P>>();
  for (const port of ports) {
    const [device, interfaceName] = split(port.name);
    const own = devices.get(device) ?? [];
    own.push({ interfaceName: interfaceName ?? '', port });
    devices.set(device, own);
  }
  return devices;
}

function devicesMatching<P>(
  devices: ReadonlyMap<string, Device<P>>,
  pattern: string,
): readonly Device<P>[] {
  if (!pattern.includes('*')) return [devices.get(pattern) ?? []];
  const matches = matcherOf(pattern);
  return [...devices].flatMap(([name, ports]) => (matches(name) ? [ports] : []));
}

/** At the first '/'; null when there is none. */
function split(name: string): [string, string | null] {
  const slash = name.indexOf('/');
  return slash < 0 ? [name, null] : [name.slice(0, slash), name.slice(slash + 1)];
}

/**
 * A pattern, read once. Each part between two asterisks is looked for at its first place, and what is longer than a
 * name is not looked for: the work for a name grows with the name alone, whatever the user wrote.
 */
function matcherOf(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return (text) => text === pattern;
  const parts = pattern.split(/\*+/);
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  const inner = parts.slice(1, -1);
  const least = parts.reduce((sum, part) => sum + part.length, 0);
  return (text) => {
    if (text.length < least || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const part of inner) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= text.length - last.length;
  };
}
