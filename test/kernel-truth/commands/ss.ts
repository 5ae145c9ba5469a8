// ss -tn: state, queues, local and remote end of each connection.

import { formatIpv4 } from '../../../src/wire/ipv4-address.ts';
import { type Command, stackOf } from './command.ts';

export const ss: Command = (shell) => {
  for (const connection of stackOf(shell).tcp.connections()) {
    const { state, receiver, sender, localAddress, localPort } = connection;
    const local = `${formatIpv4(localAddress)}:${localPort}`;
    const remote = `${formatIpv4(connection.remoteAddress)}:${connection.remotePort}`;
    const queues = `${receiver.queued} ${sender.buffer.length}`;
    shell.process.print(`${state} ${queues} ${local} ${remote}`);
  }
  shell.process.exit();
};
