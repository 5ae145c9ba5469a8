// `count: 3` in a host or pod: as many of them, named client-1 to client-3. The addresses and MAC addresses
// that stand there are those of the first; each further one has the next.

import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { SourceMap } from '../../schema/places.ts';
import {
  emptyMap,
  isMap,
  type PlainMap,
  type PlainValue,
  valueAt,
} from '../../schema/plain-value.ts';
import type { Path } from '../../schema/position.ts';
import { formatIpv4, ipv4Address, parseIpv4 } from '../../wire/ipv4-address.ts';
import { formatMac, macAddress, parseMac } from '../../wire/mac-address.ts';
import { clone } from './defaults.ts';

/** Of one entry. */
export const COUNT_LIMIT = 10_000;
/** Of a whole file: what it would expand to beyond that is no lab. */
const TOTAL_LIMIT = 20_000;
const SECTIONS: readonly Path[] = [['hosts'], ['cluster', 'pods']];
const COUNTED: ReadonlySet<string> = new Set(['address', 'addresses', 'mac', 'loopback']);

/** Replaces each entry that has a `count`; changes the root in place. */
export function expandCounts(root: PlainMap, map: SourceMap): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  let total = 0;
  for (const path of SECTIONS) {
    const section = valueAt(root, path);
    if (!isMap(section)) continue;
    for (const [name, entry] of Object.entries(section)) {
      delete section[name];
      if (!isMap(entry) || !Object.hasOwn(entry, 'count')) {
        section[name] = entry;
        continue;
      }
      const at = [...path, name];
      const { count } = entry;
      delete entry.count;
      total += Number(count);
      const problem = problemOf(count ?? null, total);
      if (problem !== null) {
        diagnostics.push(map.diagnostic([...at, 'count'], 'value', problem, null));
        section[name] = entry;
        continue;
      }
      for (let index = 0; index < Number(count); index++) {
        const own = `${name}-${index + 1}`;
        if (Object.hasOwn(section, own)) {
          const message = `"${own}" is given twice: "${name}" stands for ${name}-1 to ${name}-${count}`;
          diagnostics.push(map.diagnostic([...path, own], 'key', message, 'rename one of them'));
          continue;
        }
        section[own] = advanced(entry, index);
        map.graft([...path, own], at);
      }
    }
  }
  return diagnostics;
}

function problemOf(count: PlainValue, total: number): string | null {
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > COUNT_LIMIT) {
    return `expected a number from 1 to ${COUNT_LIMIT}`;
  }
  return total > TOTAL_LIMIT ? `a file counts up to ${TOTAL_LIMIT} machines` : null;
}

/** A copy in which every address is `by` further on. */
function advanced(value: PlainValue, by: number): PlainValue {
  if (Array.isArray(value)) return value.map((item) => advanced(item, by));
  if (!isMap(value)) return value;
  const copy = emptyMap();
  for (const [key, inner] of Object.entries(value)) {
    if (COUNTED.has(key)) copy[key] = next(inner, by);
    else copy[key] = SHARED.has(key) ? clone(inner) : advanced(inner, by);
  }
  return copy;
}

/** What is the same for all: their addresses are those of others. */
const SHARED: ReadonlySet<string> = new Set(['services', 'routes', 'snat', 'firewall']);

/** '10.0.0.1/24' and 1 → '10.0.0.2/24'; what is no address stays as it is, to be complained about. */
function next(value: PlainValue, by: number): PlainValue {
  if (Array.isArray(value)) return value.map((item) => next(item, by));
  if (typeof value !== 'string') return value;
  const [text = '', ...rest] = value.split('/');
  const address = parseIpv4(text);
  if (address !== null) {
    return [formatIpv4(ipv4Address((address + by) % 2 ** 32)), ...rest].join('/');
  }
  const mac = parseMac(value);
  return mac === null ? value : formatMac(macAddress((mac + by) % 2 ** 48));
}
