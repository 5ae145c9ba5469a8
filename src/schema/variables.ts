// `${NAME}` and `${NAME:-default}` in the values of a file, with values from `--set NAME=value`. `$${` is
// a plain `${`. Nothing comes from the environment: a file and a command line say it all.

/** What names stand for; remembers which were asked for. */
export class Variables {
  readonly #values: ReadonlyMap<string, string>;
  readonly #asked = new Set<string>();

  constructor(values: Readonly<Record<string, string>> = {}) {
    this.#values = new Map(Object.entries(values));
  }

  /** The names that a file has used. */
  get asked(): readonly string[] {
    return [...this.#asked];
  }

  /** The names that no file has used. */
  get unused(): readonly string[] {
    return [...this.#values.keys()].filter((name) => !this.#asked.has(name));
  }

  /** The text with its variables replaced; a problem where one has no value or is written wrongly. */
  expand(text: string): Expansion {
    let problem: VariableProblem | null = null;
    const expanded = text.replace(REFERENCE, (all, escaped?: string, inner?: string) => {
      if (escaped !== undefined) return '${';
      const found = REFERENCE_PARTS.exec(inner ?? '');
      const name = found?.[1];
      if (name === undefined) {
        problem ??= { message: `"${all}" is no variable`, remedy: HOW };
        return all;
      }
      this.#asked.add(name);
      const value = this.#values.get(name) ?? found?.[2];
      if (value !== undefined) return value;
      const remedy = `give it with --set ${name}=value, or write \${${name}:-default}`;
      problem ??= { message: `"${name}" has no value`, remedy };
      return all;
    });
    return { text: expanded, problem };
  }
}

/** What became of a text. */
export interface Expansion {
  readonly text: string;
  readonly problem: VariableProblem | null;
}

/** What is wrong with a variable. */
export interface VariableProblem {
  readonly message: string;
  readonly remedy: string;
}

/** Whether a text is a variable and nothing else. */
export function isOneVariable(text: string): boolean {
  return /^\$\{[^}]*\}$/.test(text);
}

/** `$${`, or `${...}` up to its brace, or an open `${`. */
const REFERENCE = /(\$\$\{)|\$\{([^}]*)\}?/g;
const REFERENCE_PARTS = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;
const HOW = `write \${NAME} or \${NAME:-default}, or $\${ for a plain "\${"`;
