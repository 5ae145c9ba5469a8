// Makes a case that shows a difference as small as it stays one: steps, then configuration, one thing
// at a time, as long as the two sides still differ.

import type { FuzzCase, HostConfig } from './case.ts';

/** A case costs a namespace; a minimum that takes longer is not worth it. */
const ATTEMPTS = 120;

/** `differs` sends a case to both sides. */
export async function shrink(
  start: FuzzCase,
  differs: (candidate: FuzzCase) => Promise<boolean>,
): Promise<FuzzCase> {
  let best = start;
  let attempts = 0;
  const attempt = async (candidate: FuzzCase): Promise<boolean> => {
    if (attempts++ >= ATTEMPTS || !(await differs(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = best.steps.length - size; at >= 0; at -= size) {
      await attempt({ ...best, steps: best.steps.toSpliced(at, size) });
    }
  }
  for (let i = 0; i < best.steps.length; i++) {
    const steps = best.steps.map((step, at) => (at === i ? { ...step, wait: 0 } : step));
    if (best.steps[i]?.wait !== 0) await attempt({ ...best, steps });
  }
  for (const simplify of SIMPLER) {
    // Each simplification again and again, until it finds nothing more to take away.
    for (let skip = 0; ; ) {
      const config = simplify(best.config, skip);
      if (config === null) break;
      if (!(await attempt({ ...best, config }))) skip++;
    }
  }
  return best;
}

/** What can be left out of a configuration; null when there is nothing behind the first `skip`. */
const SIMPLER: readonly ((config: HostConfig, skip: number) => HostConfig | null)[] = [
  (config, skip) => (config.nat === null || skip > 0 ? null : { ...config, nat: null }),
  (config, skip) =>
    !config.conntrack || config.nat !== null || skip > 0 ? null : { ...config, conntrack: false },
  ({ filter, ...rest }, skip) => {
    if (filter === undefined || skip >= filter.length) return null;
    return filter.length === 1 ? rest : { ...rest, filter: without(filter, skip) };
  },
  (config, skip) =>
    skip >= config.routes.length ? null : { ...config, routes: without(config.routes, skip) },
  ({ rules, ...rest }, skip) => {
    if (rules === undefined || skip >= rules.length) return null;
    return rules.length === 1 ? rest : { ...rest, rules: without(rules, skip) };
  },
  (config, skip) =>
    skip >= config.loopback.length ? null : { ...config, loopback: without(config.loopback, skip) },
  (config, skip) =>
    skip >= config.sysctls.length ? null : { ...config, sysctls: without(config.sysctls, skip) },
];

/** All but the one that is `skip` from the end. */
function without<T>(list: readonly T[], skip: number): T[] {
  return list.toSpliced(list.length - 1 - skip, 1);
}
