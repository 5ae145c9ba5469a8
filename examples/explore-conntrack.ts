// What a router with source NAT remembers of two clients behind it.

import { createLab } from 'egresslab';

const client = (last: number) => ({
  interfaces: { eth0: { segment: 'inside', address: `10.1.0.${last}/24` } },
  gateway: '10.1.0.1',
});
const lab = createLab({
  name: 'nat',
  segments: { inside: { subnet: '10.1.0.0/24' }, outside: { subnet: '192.0.2.0/24' } },
  hosts: {
    first: client(11),
    second: client(12),
    server: {
      interfaces: { eth0: { segment: 'outside', address: '192.0.2.10/24' } },
      services: [{ tcp: 7, app: 'echo' }],
    },
    router: {
      forwarding: true,
      interfaces: {
        eth0: { segment: 'inside', address: '10.1.0.1/24' },
        eth1: { segment: 'outside', address: '192.0.2.1/24', snat: 'masquerade' },
      },
    },
  },
});

for (const name of ['first', 'second']) lab.host(name).connect('server', 7).ask('hello');
for (const { protocol, state, original, reply } of lab.host('router').conntrack()) {
  const inside = `${original.source}:${original.ports?.source}`;
  const outside = `${reply.destination}:${reply.ports?.destination}`;
  console.log(`${protocol} ${state}: ${inside} appears as ${outside}`);
}
