// An ordered list of rules, first match wins. The rule object itself is the handle: the code that
// added it can find and remove it, no matter what was added around it since.

/** Rules in the order in which they are tried. */
export class RuleList<R> {
  readonly #rules: R[] = [];

  /** In the order in which they are tried. */
  get entries(): readonly R[] {
    return this.#rules;
  }

  /** `iptables -A`. Returns the rule, as all of these do. */
  append(rule: R): R {
    this.#rules.push(rule);
    return rule;
  }

  /** `iptables -I`: before all others. */
  prepend(rule: R): R {
    this.#rules.unshift(rule);
    return rule;
  }

  /** Right behind a rule of this list; at the end when it is not there. */
  insertAfter(anchor: R, rule: R): R {
    const at = this.#rules.indexOf(anchor);
    this.#rules.splice(at < 0 ? this.#rules.length : at + 1, 0, rule);
    return rule;
  }

  /** `iptables -D`. False if it is not there. */
  remove(rule: R): boolean {
    const index = this.#rules.indexOf(rule);
    if (index < 0) return false;
    this.#rules.splice(index, 1);
    return true;
  }

  /** `iptables -F`. */
  clear(): void {
    this.#rules.length = 0;
  }
}
