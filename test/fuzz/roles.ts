// Names for ports and identifiers that the host has drawn at random: 'P1', 'P2' in order of appearance.
// A drawn number means something between two ends only: two hosts that draw from a small range agree
// on who talks to whom, not on which of several conversations happen to get the same port.

/** In a line of conntrack. */
const TUPLE = /src=(\S+) dst=(\S+) (?:sport=(\d+) dport=(\d+)|type=(\d+) code=(\d+) id=(\d+))/g;

export class Roles {
  readonly #known = new Set<number>([0]);
  readonly #names = new Map<string, string>();

  /** A number that somebody else has chosen stands for itself. */
  learn(value: number): void {
    this.#known.add(value);
  }

  /** '40000>P1' between two addresses. */
  ports(
    protocol: 'tcp' | 'udp',
    source: string,
    destination: string,
    from: number,
    to: number,
  ): string {
    const between = pair(protocol, source, destination);
    return `${this.#name(from, `${between} ${to}`)}>${this.#name(to, `${between} ${from}`)}`;
  }

  /** Of an ICMP query between two addresses. */
  identifier(source: string, destination: string, value: number): string {
    return this.#name(value, pair('icmp', source, destination));
  }

  /** Lines of conntrack, named in an order that does not depend on what is drawn at random. */
  connections(lines: readonly string[]): string[] {
    return lines
      .map((line) => [this.#line(line, (value) => (this.#known.has(value) ? value : '?')), line])
      .toSorted(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([, line = '']) => this.#line(line, (value, where) => this.#name(value, where)))
      .toSorted();
  }

  #line(line: string, name: (value: number, where: string) => string | number): string {
    const protocol = line.slice(0, line.indexOf(' '));
    return line.replaceAll(TUPLE, (_all, source, destination, from, to, type, code, id) => {
      const between = pair(protocol, source, destination);
      const ends = `src=${source} dst=${destination}`;
      if (id !== undefined) return `${ends} type=${type} code=${code} id=${name(+id, between)}`;
      const sport = name(+from, `${between} ${to}`);
      return `${ends} sport=${sport} dport=${name(+to, `${between} ${from}`)}`;
    });
  }

  #name(value: number, where: string): string {
    if (this.#known.has(value)) return String(value);
    const key = `${where} ${value}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      name = `P${this.#names.size + 1}`;
      this.#names.set(key, name);
    }
    return name;
  }
}

/** Whichever way a packet goes. */
function pair(protocol: string, a: string, b: string): string {
  return a < b ? `${protocol} ${a} ${b}` : `${protocol} ${b} ${a}`;
}
