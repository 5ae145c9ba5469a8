// Routes that the kernel would refuse with EEXIST are told before a lab is built.

import { expect, test } from 'vitest';
import { problems } from './support.ts';

const host = (routes: string): string => `name: x
segments: { lan: { subnet: 192.168.50.0/24 } }
hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.10/24 } }
    gateway: 192.168.50.1
    routes:
${routes}
`;

test.each([
  [
    'the network of an interface',
    '      - { to: 192.168.50.0/24, via: 192.168.50.1 }',
    [
      '8:15 the address of eth0 brings a route to 192.168.50.0/24 already → remove one, or give it another "metric"',
    ],
  ],
  [
    'the same network twice',
    '      - { to: 10.0.0.0/8, via: 192.168.50.1 }\n      - { to: 10.0.0.0/8, via: 192.168.50.2 }',
    ['9:15 there is a route to 10.0.0.0/8 above → remove one, or give it another "metric"'],
  ],
  [
    'a default route beside the gateway',
    '      - { to: default, via: 192.168.50.2 }',
    ['8:15 there is a route to 0.0.0.0/0 above → remove one, or give it another "metric"'],
  ],
  [
    'other metrics and other lengths',
    '      - { to: 192.168.50.0/24, via: 192.168.50.1, metric: 5 }\n      - { to: 192.168.50.0/25, via: 192.168.50.1 }\n      - { to: default, via: 192.168.50.2, metric: 9 }',
    [],
  ],
])('%s', (_what, routes, wanted) => {
  expect(problems(host(routes))).toEqual(wanted);
});
