// The names that a topology declares, read from the raw value before anything is checked: a
// reference to an entry that has a problem of its own is not a second problem.

import { emptyMap, isMap, type PlainMap, type PlainValue, valueAt } from './plain-value.ts';

/** What a name can belong to, as messages call it. */
export type NameKind =
  | 'segment'
  | 'link'
  | 'host'
  | 'node'
  | 'namespace'
  | 'pod'
  | 'flow'
  | 'attachment';

const NAME_LIMIT = 500;

/** All declared names by kind, in the order of the file. */
export class Declared {
  readonly #names: Readonly<Record<NameKind, ReadonlySet<string>>>;
  /** The interfaces of each host and node. */
  readonly #interfaces = new Map<string, ReadonlySet<string>>();
  /** 'host/interface' of the attachments that are an interface's cable. */
  readonly #attached = new Set<string>();

  constructor(root: PlainValue) {
    const hosts = mapAt(root, 'hosts');
    const nodes = mapAt(root, 'cluster', 'nodes');
    const attached = valueAt(root, ['attach']);
    const attachments = Array.isArray(attached) ? attached : [];
    this.#names = {
      segment: keys(mapAt(root, 'segments')),
      link: new Set(linkNames(valueAt(root, ['links']))),
      host: keys(hosts),
      node: keys(nodes),
      namespace: keys(mapAt(root, 'cluster', 'namespaces')),
      pod: keys(mapAt(root, 'cluster', 'pods')),
      flow: keys(mapAt(root, 'scenario', 'flows')),
      attachment: new Set(attachments.flatMap(deviceNames)),
    };
    for (const [name, host] of Object.entries(hosts)) {
      this.#interfaces.set(name, keys(mapAt(host, 'interfaces')));
    }
    for (const [name, node] of Object.entries(nodes)) {
      const primary = valueAt(node, ['interface']);
      const names = [typeof primary === 'string' ? primary : DEFAULT_NODE_INTERFACE];
      this.#interfaces.set(name, new Set([...names, ...keys(mapAt(node, 'interfaces'))]));
    }
    for (const each of attachments) {
      const end = [valueAt(each, ['host']), valueAt(each, ['interface'])];
      this.#attached.add(end.map(String).join('/'));
    }
  }

  /** Whether `attach:` joins an interface to the kernel. */
  isAttached(machine: string, interfaceName: string): boolean {
    return this.#attached.has(`${machine}/${interfaceName}`);
  }

  has(kind: NameKind, name: string): boolean {
    return this.#names[kind].has(name);
  }

  /** At most NAME_LIMIT of each kind: they are listed and guessed from, and a file may have thousands. */
  names(...kinds: readonly NameKind[]): string[] {
    const names: string[] = [];
    for (const kind of kinds) {
      let left = NAME_LIMIT;
      for (const name of this.#names[kind]) {
        if (left-- === 0) break;
        names.push(name);
      }
    }
    return names;
  }

  /** Empty for a machine that does not exist. */
  interfaces(machine: string): readonly string[] {
    return [...(this.#interfaces.get(machine) ?? [])];
  }
}

/** The primary interface of a node that does not name it; the article's machines call it so. */
export const DEFAULT_NODE_INTERFACE = 'enp1s0';

/** 'lan-dmz', unless the link has a name. */
export function defaultLinkName(ends: readonly string[]): string {
  return ends.join('-');
}

/** Of one attachment; the key says what the device is. */
function deviceNames(attachment: PlainValue): string[] {
  const given = ['tap', 'tun', 'packet', 'raw'].map((kind) => valueAt(attachment, [kind]));
  return given.filter((name) => typeof name === 'string');
}

function linkNames(links: PlainValue | undefined): string[] {
  if (!Array.isArray(links)) return [];
  return links.flatMap((link) => {
    const given = valueAt(link, ['name']);
    if (typeof given === 'string') return [given];
    const ends = valueAt(link, ['segments']);
    return Array.isArray(ends) ? [defaultLinkName(ends.map(String))] : [];
  });
}

function mapAt(root: PlainValue, ...path: readonly string[]): PlainMap {
  const value = valueAt(root, path);
  return isMap(value) ? value : emptyMap();
}

function keys(map: PlainMap): ReadonlySet<string> {
  return new Set(Object.keys(map));
}
