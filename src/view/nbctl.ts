// What `ovn-nbctl` prints of the logical routers of a lab: lr-policy-list and lr-nat-list. It only looks.

import { z } from 'zod';
import { EgressLabError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Lab } from '../lab/lab.ts';
import { natHeader, natLine, natRows } from './nats.ts';
import { policyLine, policyRows } from './policies.ts';

/** A list of one router in one database. */
export interface RouterList {
  /** The node of the zone, or `ovn` for the one database of all. */
  readonly database: string;
  readonly rows: readonly object[];
  readonly lines: readonly string[];
}

/** Validates what comes of `nbctl`. */
export const routerListsSchema: z.ZodType<RouterList[]> = z.array(
  z.strictObject({
    database: z.string(),
    rows: z.array(z.looseObject({})),
    lines: z.array(z.string()),
  }),
);

const LISTS = { 'lr-policy-list': policyList, 'lr-nat-list': natList } as const;
/** The lists that there are. */
export const NBCTL_LISTS: readonly string[] = Object.keys(LISTS);

/**
 * One list for each database that has the router; `of` narrows it to that of one node.
 * @throws EgressLabError EGL_COMMAND for a list or router that there is not, or a lab without logical routers
 */
export function nbctl(lab: Lab, of: string | null, words: readonly string[]): RouterList[] {
  const [list = '', router, ...rest] = words;
  const logical = lab.cluster?.logical ?? null;
  if (logical === null) {
    throw new EgressLabError('EGL_COMMAND', 'this lab has no logical routers', {
      hint: 'Clusters with "fabric: ovn-kubernetes" have them: egresslab up ovnk-failover',
    });
  }
  if (list !== 'lr-policy-list' && list !== 'lr-nat-list') {
    throw new EgressLabError('EGL_COMMAND', `ovn has no command "${list}" here`, {
      hint: `${didYouMean(list, NBCTL_LISTS)}There are: ${NBCTL_LISTS.join(', ')}.`,
    });
  }
  const routers = [...new Set(logical.routers().map(({ name }) => name))];
  if (router === undefined || rest.length > 0) {
    throw new EgressLabError('EGL_COMMAND', `${list} needs the name of one router`, {
      hint: `Such as: ${list} ${routers.at(list === 'lr-nat-list' ? -1 : 0)}`,
    });
  }
  if (!routers.includes(router)) {
    throw new EgressLabError('EGL_COMMAND', `${router}: no such logical router`, {
      hint: `${didYouMean(router, routers)}There are: ${routers.slice(0, 12).join(', ')}.`,
    });
  }
  // The one database of all is that of every node.
  const isZone = logical.routers().some(({ database }) => database === of);
  const isAsked = (database: string): boolean => of === null || !isZone || database === of;
  return logical
    .routers()
    .filter(({ database, name }) => name === router && isAsked(database))
    .map(({ database }) => ({ database, ...LISTS[list](lab, database, router) }));
}

function policyList(lab: Lab, database: string, router: string): Omit<RouterList, 'database'> {
  const rows = policyRows(lab, database).filter((row) => row.router === router);
  return { rows, lines: rows.length === 0 ? [] : ['Routing Policies', ...rows.map(policyLine)] };
}

function natList(lab: Lab, database: string, router: string): Omit<RouterList, 'database'> {
  const rows = natRows(lab, database).filter((row) => row.router === router);
  const [first] = rows;
  return {
    rows,
    lines: first === undefined ? [] : [natHeader(first.columns), ...rows.map(natLine)],
  };
}
