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
    let picked = 0;
    for (const device of devicesMatching(byDevice, devicePattern)) {
      for (const { interfaceName, port } of device) {
        if (!matches(interfacePattern ?? '*', interfaceName)) continue;
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
  return [...devices].flatMap(([name, ports]) => (matches(pattern, name) ? [ports] : []));
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
