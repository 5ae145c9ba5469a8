// What the options of `egresslab explain` say, as values.

import { parse } from 'yaml';
import { EgressLabError } from '../../base/errors.ts';
import { parseDuration } from '../../base/quantity.ts';
import { suggest } from '../../base/suggest.ts';
import {
  CAPTURE_PROPERTIES,
  type CaptureProperty,
  isCaptureProperty,
} from '../../explain/properties.ts';
import { readTopology } from '../../platform/read-topology.ts';

const DAY = 86_400;

/** Properties by name. @throws EgressLabError EGL_USAGE for a property that does not exist */
export function propertiesOf(typed: unknown): CaptureProperty[] {
  const given = Array.isArray(typed) ? typed.map(String) : [];
  return given.map((name) => {
    if (isCaptureProperty(name)) return name;
    const near = suggest(name, [...CAPTURE_PROPERTIES]);
    throw new EgressLabError('EGL_USAGE', `--expect ${name} is no property`, {
      hint: near === null ? `They are: ${CAPTURE_PROPERTIES.join(', ')}.` : `Did you mean ${near}?`,
    });
  });
}

/** Nanoseconds by file. @throws EgressLabError EGL_USAGE for what is not FILE=TIME, and for a file that is not given */
export function offsetsOf(typed: unknown, files: readonly string[]): Map<string, number> {
  const given = Array.isArray(typed) ? typed.map(String) : [];
  return new Map(
    given.map((text) => {
      const at = text.lastIndexOf('=');
      const path = text.slice(0, Math.max(0, at));
      const [, sign, amount = ''] = /^([+-]?)(.*)$/.exec(text.slice(at + 1)) ?? [];
      const nanos = parseDuration(amount);
      if (nanos === null || !files.includes(path)) {
        const what = nanos === null ? 'has no time' : `names no file of this command`;
        throw new EgressLabError('EGL_USAGE', `--offset ${text} ${what}`, {
          hint: 'Such as `--offset b.pcap=137ms`, or `b.pcap=-2s` for a clock that is behind.',
        });
      }
      return [path, sign === '-' ? -nanos : nanos] as const;
    }),
  );
}

/** Seconds since 1970, given those of the first frame. @throws EgressLabError EGL_USAGE for what is no time */
export function sinceOf(text: string): (first: number) => number {
  const [, hour, minute, second = '0'] = /^(\d\d?):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  if (hour !== undefined) {
    const clock = Number(hour) * 3_600 + Number(minute) * 60 + Number(second);
    return (first) => Math.floor(first / DAY) * DAY + clock;
  }
  const at = Date.parse(text);
  if (Number.isNaN(at)) {
    throw new EgressLabError('EGL_USAGE', `--since ${text} is no time`, {
      hint: 'Such as 14:02, 14:02:30 (UTC, the day of the first frame) or 2026-11-30T14:02Z.',
    });
  }
  return () => at / 1_000;
}

/** Names by address. @throws EgressLabError EGL_USAGE for what is no map of addresses to names */
export function readNames(path: string, workingDirectory: string): ReadonlyMap<string, string> {
  let names: unknown;
  try {
    names = parse(readTopology(path, workingDirectory), { maxAliasCount: 0 });
  } catch (cause) {
    if (cause instanceof EgressLabError) throw cause;
    names = null;
  }
  if (typeof names !== 'object' || names === null || Array.isArray(names)) {
    throw new EgressLabError('EGL_USAGE', `${path} has no names for addresses`, {
      hint: 'One a line, such as `192.168.50.120: vip`.',
    });
  }
  return new Map(Object.entries(names).map(([address, name]) => [address, String(name)]));
}
