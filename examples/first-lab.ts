// A first lab: two hosts on one segment. Nothing happens until time is advanced.

import { createLab } from 'egresslab';

const lab = createLab(`
name: pair
segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
hosts:
  alice: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
  bob:   { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
`);
const alice = lab.host('alice');

const { answered, replies } = alice.ping('bob', { count: 3 });
console.log(`${answered} of 3 answered, the first after ${(replies[0]?.roundTrip ?? 0) / 1e3} µs`);

const belief = alice.neighbor('10.0.0.2');
console.log(`alice believes that 10.0.0.2 is at ${belief?.mac}: ${belief?.state}`);

lab.fail('bob');
console.log(`without bob ${alice.ping('bob').answered} of 1`);
