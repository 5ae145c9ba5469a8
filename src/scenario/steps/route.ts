// `addRoute`, `replaceRoute`, `removeRoute`: `ip route add|replace|del`. What the kernel would refuse is
// said as `ip` says it.

import { present } from '../../base/assert.ts';
import type { Route } from '../../stack/ipv4/route-table.ts';
import type { AddRouteStep, RemoveRouteStep } from '../../topology/steps/route.ts';
import { routeLine, routeRow } from '../../view/routes.ts';
import { tableName } from '../../view/rules.ts';
import { networkOf } from '../../wire/ipv4-address.ts';
import type { ScenarioState } from '../state.ts';

/** `addRoute` and `replaceRoute`. */
export function addRoute({ lab }: ScenarioState, step: AddRouteStep): void {
  const { machine, replace, route: given } = step;
  const stack = lab.stack(machine);
  const { dev, metric, source, table: id, to, type, via } = given;
  const iface = dev === null ? null : present(stack.interface(dev), 'the topology was validated');
  const route: Route = { destination: to, type, via, iface, source, metric };
  const line = routeLine(routeRow(machine, route, tableName(id)));
  const command = `ip route ${replace ? 'replace' : 'add'} ${line}`;
  if (iface !== null && !iface.up) {
    lab.events.emit(machine, 'command-failed', { command, error: 'Network is down' });
    return;
  }
  const table = stack.fib.table(id);
  if (replace) table.remove((other) => isSameRoute(other, route));
  if (table.add(route)) lab.events.emit(machine, 'route-added', { route: line });
  else lab.events.emit(machine, 'command-failed', { command, error: 'File exists' });
}

/** `removeRoute`: the first that has all that is given. */
export function removeRoute({ lab }: ScenarioState, step: RemoveRouteStep): void {
  const { machine, table: id } = step;
  const table = lab.stack(machine).fib.table(id);
  const found = table.routes.find(
    ({ destination, iface, metric, source, type, via }) =>
      networkOf(destination) === networkOf(step.to) &&
      destination.prefixLength === step.to.prefixLength &&
      (step.via === null || step.via === via) &&
      (step.dev === null || step.dev === iface?.name) &&
      (step.type === null || step.type === type) &&
      (step.source === null || step.source === source) &&
      (step.metric === null || step.metric === metric),
  );
  if (found === undefined) {
    const command = `ip route del (${step.text})`;
    lab.events.emit(machine, 'command-failed', { command, error: 'No such process' });
    return;
  }
  table.remove((route) => route === found);
  const route = routeLine(routeRow(machine, found, tableName(id)));
  lab.events.emit(machine, 'route-removed', { route });
}

function isSameRoute(a: Route, b: Route): boolean {
  return (
    a.metric === b.metric &&
    a.destination.prefixLength === b.destination.prefixLength &&
    networkOf(a.destination) === networkOf(b.destination)
  );
}
