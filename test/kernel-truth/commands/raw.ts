// raw --dev IF --to MAC HEX: an IPv4 packet as it is, to one MAC (AF_PACKET, SOCK_DGRAM).

import * as ethernet from '../../../src/wire/ethernet.ts';
import { EtherType } from '../../../src/wire/numbers.ts';
import { Arguments } from '../arguments.ts';
import { mac } from '../world.ts';
import { type Command, stackOf } from './command.ts';

export const raw: Command = (shell, words) => {
  const options = new Arguments(words);
  const { world, host, process } = shell;
  const iface = world.nic(host, options.text('--dev') ?? 'eth0');
  const octets = Buffer.from(options.rest[0] ?? '', 'hex');
  const frame = stackOf(shell).arena.allocate(ethernet.HEADER_LENGTH + octets.length);
  ethernet.emit(frame, mac(options.text('--to') ?? ''), iface.mac, EtherType.Ipv4);
  frame.bytes.set(octets, frame.start + ethernet.HEADER_LENGTH);
  iface.transmit(frame);
  process.exit();
};
