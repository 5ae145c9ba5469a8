// A frame made by hand: somebody announces an address that is not his own.

import { createLab } from 'egresslab';
import * as wire from 'egresslab/wire';

const lab = createLab(`
name: spoof
segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
hosts:
  alice:   { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
  bob:     { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
  mallory: { interfaces: { eth0: { segment: lan, address: 10.0.0.66/24 } } }
`);
const alice = lab.host('alice');
alice.ping('bob');
console.log(`before: ${alice.neighbor('10.0.0.2')?.mac}`);

const mac = wire.parseMac(lab.host('mallory').mac());
const stolen = wire.parseIpv4('10.0.0.2');
if (mac === null || stolen === null) throw new Error('these are addresses');
const frame = new wire.FrameArena().allocate(wire.ethernet.HEADER_LENGTH + wire.arp.LENGTH);
wire.ethernet.emit(frame, wire.BROADCAST_MAC, mac, wire.EtherType.Arp);
const body = frame.start + wire.ethernet.HEADER_LENGTH;
wire.arp.emit(frame, body, {
  operation: wire.arp.Operation.Reply,
  senderMac: mac,
  senderIp: stolen,
  targetMac: wire.BROADCAST_MAC,
  targetIp: stolen,
});

lab.advance('2s'); // Linux does not change an entry in its first second (locktime)
lab.host('mallory').transmit(frame.toBytes(), { comment: 'a stolen address' });
lab.advance('1ms');
console.log(`after: ${alice.neighbor('10.0.0.2')?.mac}`);
