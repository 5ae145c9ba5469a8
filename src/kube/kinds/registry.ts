// All kinds that one API server serves: the core kinds and those that the cluster network brings. The
// only list of kinds there is; store, discovery, tables, OpenAPI, `oc` and the HTTP server read it.

import { assert } from '../../base/assert.ts';
import { CORE_KINDS } from './core.ts';
import { apiVersionOf, type Kind } from './kind.ts';

/** The kinds of one cluster. */
export class KindRegistry {
  /** In the order in which discovery lists them. */
  readonly kinds: readonly Kind[];

  /** @param extra kinds beside the core ones; no two may share a name in a group */
  constructor(extra: readonly Kind[] = []) {
    this.kinds = [...CORE_KINDS, ...extra];
    const names = new Set(this.kinds.map((kind) => `${apiVersionOf(kind)} ${kind.name}`));
    assert(names.size === this.kinds.length, 'a kind is registered once');
  }

  /** The kind of a collection's path; null when none is served there. */
  at(group: string, version: string, plural: string): Kind | null {
    return (
      this.kinds.find(
        (kind) => kind.group === group && kind.version === version && kind.plural === plural,
      ) ?? null
    );
  }

  /** The kind that an object says it is; null when none is. */
  of(apiVersion: unknown, name: unknown): Kind | null {
    return (
      this.kinds.find((kind) => kind.name === name && apiVersionOf(kind) === apiVersion) ?? null
    );
  }

  /** Finds a kind by anything a user may write: plural, singular, short name, with or without `.group` or `.version.group`. */
  find(word: string): Kind | null {
    const wanted = word.toLowerCase();
    const dot = wanted.indexOf('.');
    const base = dot < 0 ? wanted : wanted.slice(0, dot);
    const rest = dot < 0 ? '' : wanted.slice(dot + 1).replace(/\.$/, '');
    const isMeant = (kind: Kind): boolean =>
      wordsOf(kind).includes(base) &&
      ['', kind.group, `${kind.version}.${kind.group}`, kind.version].includes(rest);
    return this.kinds.find(isMeant) ?? null;
  }

  /** Every word by which a kind is known, for suggestions. */
  words(): readonly string[] {
    return this.kinds.flatMap(wordsOf);
  }

  /** The groups and versions that are served, core first: each is a path of its own. */
  groupVersions(): readonly GroupVersion[] {
    const seen = new Map<string, GroupVersion>();
    for (const { group, version } of this.kinds) {
      seen.set(apiVersionOf({ group, version }), { group, version });
    }
    return [...seen.values()];
  }

  /** The kinds of one group and version. */
  in({ group, version }: GroupVersion): readonly Kind[] {
    return this.kinds.filter((kind) => kind.group === group && kind.version === version);
  }
}

/** A group in one version; '' is the core group. */
export type GroupVersion = Pick<Kind, 'group' | 'version'>;

function wordsOf({ plural, shortNames, singular }: Kind): readonly string[] {
  return [plural, singular, ...shortNames];
}
