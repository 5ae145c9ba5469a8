// Every kind of expectation, one line each: `index.ts` takes the list and the union of types from here.

export { hostSubnet, netNamespace, node } from './cluster-objects.ts';
export { fdb } from './fdb.ts';
export { flow } from './flow.ts';
export { frame } from './frame.ts';
export { holders } from './holders.ts';
export { log } from './log.ts';
export { neighbor } from './neighbor.ts';
export { oc } from './oc.ts';
export { arping, ping } from './probe.ts';
