// The names of broadcast domains as a tree: what is untagged, a VLAN in it, an overlay network in that. Each name is made
// once, so that a frame costs a look-up by number and no text.

/** Names beyond this are not told apart. */
const NAME_LIMIT = 4_096;

/** '' for untagged, '20', '88a8.100/30', 'vni 7'. */
export class DomainName {
  readonly text: string;
  /** From 0; for tables of domains. */
  readonly index: number;
  readonly #inner = new Map<number, DomainName>();
  readonly #root: DomainName;
  #names = 1;

  private constructor(text: string, index: number, root: DomainName | null) {
    this.text = text;
    this.index = index;
    this.#root = root ?? this;
  }

  /** The name of all that has no tag, of a tree of its own. */
  static untagged(): DomainName {
    return new DomainName('', 0, null);
  }

  /** That of a VLAN in this one. */
  vlan(type: number, id: number): DomainName {
    const known = this.#inner.get(type * 4_096 + id);
    if (known !== undefined) return known;
    const tag = type === 0x8100 ? `${id}` : `${type.toString(16)}.${id}`;
    return this.#add(type * 4_096 + id, this.text === '' ? tag : `${this.text}/${tag}`);
  }

  /** That of an overlay network; `kind` is 'vni' or 'geneve'. */
  overlay(kind: 'vni' | 'geneve', id: number): DomainName {
    const key = -1 - id - (kind === 'vni' ? 0 : 2 ** 24);
    return this.#root.#inner.get(key) ?? this.#root.#add(key, `${kind} ${id}`);
  }

  #add(key: number, text: string): DomainName {
    const root = this.#root;
    if (root.#names >= NAME_LIMIT) return this;
    const name = new DomainName(text, root.#names++, root);
    this.#inner.set(key, name);
    return name;
  }
}
