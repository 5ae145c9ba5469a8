// Every kind of expectation, one line each: `index.ts` takes the list and the union of types from here.

export { fdb } from './fdb.ts';
export { flow } from './flow.ts';
export { frame } from './frame.ts';
export { holders } from './holders.ts';
export { log } from './log.ts';
export { neighbor } from './neighbor.ts';
export { node } from './node.ts';
export { oc } from './oc.ts';
export { arping, ping } from './probe.ts';
