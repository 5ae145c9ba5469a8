// Which ports a capture looks at, by name:
//
//   worker02/enp1s0   one port             */enp1s0   that interface of every device
//   worker02          all of its ports     lan/*      all ports of one device
//   drops             no port, but what is dropped anywhere
//
// `*` stands for any characters on its side of the '/'. Nothing is guessed: a selector that picks
// nothing is returned, and saying so, with the position, is the caller's business.

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

/** Applies all selectors to all ports. */
export function selectPorts<P extends { readonly name: string }>(
  selectors: readonly string[],
  ports: readonly P[],
): PortSelection<P> {
  const selected = new Set<P>();
  const unmatched: string[] = [];
  let drops = false;
  for (const selector of selectors) {
    if (selector === DROPS_SELECTOR) {
      drops = true;
      continue;
    }
    const matches = matcherOf(selector);
    const picked = ports.filter((port) => matches(port.name));
    for (const port of picked) selected.add(port);
    if (picked.length === 0) unmatched.push(selector);
  }
  return { ports: ports.filter((port) => selected.has(port)), drops, unmatched };
}

function matcherOf(selector: string): (name: string) => boolean {
  const [devicePattern, interfacePattern] = split(selector);
  return (name) => {
    const [device, interfaceName] = split(name);
    return matches(devicePattern, device) && matches(interfacePattern ?? '*', interfaceName ?? '');
  };
}

/** At the first '/'; null when there is none. */
function split(name: string): [string, string | null] {
  const slash = name.indexOf('/');
  return slash < 0 ? [name, null] : [name.slice(0, slash), name.slice(slash + 1)];
}

/** Each part between two asterisks at its first place: linear, whatever the user wrote. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
}
