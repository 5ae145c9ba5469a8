// A command line, taken apart: options with and without values, and what is left.

export class Arguments {
  readonly #values = new Map<string, string[]>();
  readonly #flags = new Set<string>();
  readonly rest: readonly string[];

  /** `flags` are the options that take no value. */
  constructor(words: readonly string[], flags: readonly string[] = []) {
    const rest: string[] = [];
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? '';
      if (!word.startsWith('-') || /^-\d/.test(word)) {
        rest.push(word);
      } else if (flags.includes(word)) {
        this.#flags.add(word);
      } else {
        const value = words[++i];
        if (value === undefined) throw new Error(`${word} needs a value`);
        this.#values.set(word, [...(this.#values.get(word) ?? []), value]);
      }
    }
    this.rest = rest;
  }

  has(option: string): boolean {
    return this.#flags.has(option) || this.#values.has(option);
  }

  text(option: string): string | null {
    return this.#values.get(option)?.at(-1) ?? null;
  }

  texts(option: string): readonly string[] {
    return this.#values.get(option) ?? [];
  }

  number(option: string, missing: number): number {
    const text = this.text(option);
    return text === null ? missing : Number(text);
  }

  /** The word after `name`, as in `dev eth0`; null without. */
  static after(words: readonly string[], name: string): string | null {
    const index = words.indexOf(name);
    return index < 0 ? null : (words[index + 1] ?? null);
  }
}
