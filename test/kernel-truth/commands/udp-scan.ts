// gt udpscan: one datagram from each source port of --ports to each --dst, --interval apart.

import { Arguments } from '../arguments.ts';
import { address } from '../world.ts';
import { type Command, stackOf } from './command.ts';
import { endpoint } from './endpoint.ts';

export const udpScan: Command = (shell, words) => {
  const options = new Arguments(words);
  const { process } = shell;
  const { udp } = stackOf(shell);
  const source = address(options.text('--src') ?? '');
  const interval = options.number('--interval', 0.002);
  const jobs: (() => void)[] = [];
  for (const part of (options.text('--ports') ?? '').split(',')) {
    const [low = '', high = low] = part.split('-');
    for (let port = Number(low); port <= Number(high); port++) {
      for (const target of options.texts('--dst').map(endpoint)) {
        jobs.push(() => {
          const socket = udp.bind({ address: source, port }, { onDatagram: () => undefined });
          socket.sendTo(target.address, target.port, new TextEncoder().encode('scan'));
          process.after(interval, () => {
            socket.close();
            next();
          });
        });
      }
    }
  }
  const next = (): void => {
    const job = jobs.shift();
    if (job === undefined) process.exit();
    else job();
  };
  next();
};
