// Every kind of step, one line each: `index.ts` takes the list and the union of types from here.

export { addAddress, removeAddress } from './address.ts';
export { apiDelay } from './api-delay.ts';
export { arping } from './arping.ts';
export { deleteConnections } from './conntrack.ts';
export { expect } from './expect.ts';
export { fail, restore } from './fail.ts';
export { addFirewall, addSnat, removeFirewall, removeSnat } from './filter.ts';
export { impair } from './impair.ts';
export { setInterface } from './interface.ts';
export { link } from './link.ts';
export { addNeighbor, flushNeighbors, removeNeighbor } from './neighbor.ts';
export { oc } from './oc.ts';
export { heal, partition } from './partition.ts';
export { ping } from './ping.ts';
export { addRoute, removeRoute, replaceRoute } from './route.ts';
export { addRule, removeRule } from './rule.ts';
export { send } from './send.ts';
export { sysctl } from './sysctl.ts';
export { start, stop } from './traffic.ts';
