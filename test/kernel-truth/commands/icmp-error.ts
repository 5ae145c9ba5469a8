// gt icmperr: an ICMP error quoting a UDP packet that was never sent: --dst --inner-src --inner-dst.

import { Ipv4 } from '../../../src/stack/ipv4/ipv4.ts';
import * as icmp from '../../../src/wire/icmp.ts';
import * as ipv4 from '../../../src/wire/ipv4.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import * as udp from '../../../src/wire/udp.ts';
import { Arguments } from '../arguments.ts';
import { address } from '../world.ts';
import { type Command, stackOf } from './command.ts';
import { endpoint } from './endpoint.ts';

const QUOTED_DATA = 4;
const QUOTE = ipv4.HEADER_LENGTH + udp.HEADER_LENGTH + QUOTED_DATA;

export const icmpError: Command = (shell, words) => {
  const options = new Arguments(words);
  const { ipv4: ip } = stackOf(shell);
  const destination = address(options.text('--dst') ?? '');
  const source = endpoint(options.text('--inner-src') ?? '');
  const target = endpoint(options.text('--inner-dst') ?? '');
  const route = ip.route(destination);
  if (typeof route !== 'string') {
    const frame = ip.allocate(icmp.HEADER_LENGTH + QUOTE);
    const at = frame.start + Ipv4.PAYLOAD_OFFSET;
    const quote = at + icmp.HEADER_LENGTH;
    const inner = quote + ipv4.HEADER_LENGTH;
    ipv4.emit(frame, quote, QUOTE, 1, 0, 63, IpProtocol.Udp, source.address, target.address);
    udp.emit(frame, inner, source.port, target.port, udp.HEADER_LENGTH + QUOTED_DATA);
    frame.bytes.set(new TextEncoder().encode('abcd'), inner + udp.HEADER_LENGTH);
    const type = options.number('--type', icmp.Type.Unreachable);
    const code = options.number('--code', icmp.UnreachableCode.Port);
    icmp.emit(frame, at, type, code, 0, icmp.HEADER_LENGTH + QUOTE);
    ip.send(frame, IpProtocol.Icmp, route, destination);
  }
  shell.process.exit();
};
