// `addRoute: 10.2.0.0/16, via: 10.1.0.1, on: router`, `replaceRoute` and `removeRoute`, as `ip route
// add|replace|del`: what the script of an uplink does.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import { routeDestination } from '../../schema/values.ts';
import type { RouteType } from '../../stack/ipv4/route-table.ts';
import { TableId } from '../../stack/ipv4/rule.ts';
import type { Ipv4Address, Ipv4Cidr } from '../../wire/ipv4-address.ts';
import type { Context } from '../context.ts';
import type { RouteSpec } from '../model.ts';
import { normalizeRoute, type RawRoute, routeShape } from '../routes.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { StepBase } from './step.ts';

/** A route to add, or to put in the place of another. */
export interface AddRouteStep extends StepBase {
  readonly kind: 'add-route';
  readonly machine: string;
  readonly route: RouteSpec;
  /** One with the same destination and metric goes first. */
  readonly replace: boolean;
}

/** The first route to go that has all of this; null: any. */
export interface RemoveRouteStep extends StepBase {
  readonly kind: 'remove-route';
  readonly machine: string;
  readonly to: Ipv4Cidr;
  readonly via: Ipv4Address | null;
  readonly dev: string | null;
  readonly type: RouteType | null;
  readonly source: Ipv4Address | null;
  readonly metric: number | null;
  readonly table: number;
}

const on: z.ZodType<string> = z.string({ error: 'expected the name of a host or node' });
const destination = routeDestination.describe('A network, an address, or default');

/** `addRoute`: `ip route add`. */
export const addRoute: StepDefinition<AddRouteStep> = defineStep(
  'addRoute',
  z
    .strictObject({ ...stepShape, addRoute: destination, ...routeShape, on })
    .meta({ id: 'addRouteStep' }),
  (context, { addRoute: to, ...raw }, base, path) => {
    const route = read(context, { ...raw, to }, raw.on, path);
    if (route === null) return null;
    return { ...base, kind: 'add-route', machine: raw.on, route, replace: false };
  },
);

/** `replaceRoute`: `ip route replace`. */
export const replaceRoute: StepDefinition<AddRouteStep> = defineStep(
  'replaceRoute',
  z
    .strictObject({ ...stepShape, replaceRoute: destination, ...routeShape, on })
    .meta({ id: 'replaceRouteStep' }),
  (context, { replaceRoute: to, ...raw }, base, path) => {
    const route = read(context, { ...raw, to }, raw.on, path);
    if (route === null) return null;
    return { ...base, kind: 'add-route', machine: raw.on, route, replace: true };
  },
);

/** `removeRoute`: `ip route del`. */
export const removeRoute: StepDefinition<RemoveRouteStep> = defineStep(
  'removeRoute',
  z.strictObject({ ...stepShape, removeRoute: destination, ...routeShape, on }).meta({
    id: 'removeRouteStep',
    description: 'The first route goes that has all that is given',
  }),
  (context, raw, base, path) => {
    if (!context.known(raw.on, [...path, 'on'], 'host', 'node')) return null;
    const names = context.declared.interfaces(raw.on);
    if (raw.dev !== undefined && !names.includes(raw.dev)) {
      context.unknown('interface', raw.dev, names, [...path, 'dev']);
      return null;
    }
    return {
      ...base,
      kind: 'remove-route',
      machine: raw.on,
      to: raw.removeRoute,
      via: raw.via ?? null,
      dev: raw.dev ?? null,
      type: raw.type ?? null,
      source: raw.src ?? null,
      metric: raw.metric ?? null,
      table: raw.table ?? TableId.Main,
    };
  },
);

function read(context: Context, raw: RawRoute, machine: string, path: Path): RouteSpec | null {
  if (!context.known(machine, [...path, 'on'], 'host', 'node')) return null;
  const interfaces = context.machines.get(machine)?.interfaces;
  if (interfaces === undefined) return null;
  return normalizeRoute(context, raw, interfaces, ['hosts', machine], path);
}
