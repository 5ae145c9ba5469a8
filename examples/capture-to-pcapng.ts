// What crossed two ports of a lab, as a file for Wireshark.

import { writeFileSync } from 'node:fs';
import { createLab } from 'egresslab';

const lab = createLab(`
name: routed
segments:
  inside: { subnet: 10.1.0.0/24, latency: 50us }
  outside: { subnet: 10.2.0.0/24, latency: 50us }
hosts:
  client: { interfaces: { eth0: { segment: inside, address: 10.1.0.10/24 } }, gateway: 10.1.0.1 }
  server: { interfaces: { eth0: { segment: outside, address: 10.2.0.10/24 } }, services: [{ tcp: 7, app: echo }] }
  router:
    forwarding: true
    interfaces:
      eth0: { segment: inside, address: 10.1.0.1/24 }
      eth1: { segment: outside, address: 10.2.0.1/24, snat: masquerade }
`);

const capture = lab.capture('router/eth0', 'router/eth1');
const connection = lab.host('client').connect('server', 7);
console.log(`the server says ${connection.ask('hello')}`);

const file = process.argv[2] ?? 'routed.pcapng';
writeFileSync(file, capture.file('pcapng'));
console.log(`${capture.frames.length} frames in ${file}; the first data segment:`);
const [data] = capture.on('router/eth1').filter(({ text }) => text.includes('length 5'));
console.log(`  ${data?.text}, ${data?.comments.join('; ')}`);
