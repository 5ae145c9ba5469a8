// gt tcpserver: --mode echo | sink | push; --push-every, --push-after; --push-file NAME: when the
// signal of that name is there, every connection is sent "push". --bind, --app HOST.

import type { Errno } from '../../../src/stack/socket/errno.ts';
import type { TcpSocket } from '../../../src/stack/tcp/socket.ts';
import { ANY_ADDRESS, formatIpv4 } from '../../../src/wire/ipv4-address.ts';
import { Arguments } from '../arguments.ts';
import { type Command, stackOf } from './command.ts';
import { endpoint, WAKEUP_SECONDS } from './endpoint.ts';

/** select() of the program looks for the file so often. */
const SIGNAL_INTERVAL_SECONDS = 0.05;
const PUSH = new TextEncoder().encode('push');

export const tcpServer: Command = (shell, words) => {
  const options = new Arguments(words);
  const { process, world } = shell;
  const app = options.text('--app');
  const mode = options.text('--mode') ?? 'echo';
  const signal = options.text('--push-file');
  const { address, port } = endpoint(options.text('--bind') ?? '');
  const connections = new Set<TcpSocket>();
  const say = (text: string): void => {
    if (app !== null) world.say(app, text);
  };
  /** What the kernel did waits until the program is scheduled. */
  const soon = (action: () => void): void => process.after(WAKEUP_SECONDS, action);
  const push = (connection: TcpSocket): void => {
    if (connection.isOpen) connection.write(PUSH);
  };
  const listener = stackOf(shell).tcp.listen(
    { port, ...(address === ANY_ADDRESS ? {} : { address }) },
    {
      accept: (connection) => {
        const peer = `${formatIpv4(connection.remoteAddress)}:${connection.remotePort}`;
        connections.add(connection);
        soon(() => say(`accepted from ${peer}`));
        if (mode === 'push') {
          const every = (): void => {
            if (!connections.has(connection)) return;
            push(connection);
            process.after(options.number('--push-every', 1), every);
          };
          process.after(options.number('--push-after', 1), every);
        }
        return {
          onData: (_connection, frame, offset, length) => {
            if (mode !== 'echo') return;
            const octets = frame.bytes.slice(offset, offset + length);
            soon(() => connection.write(octets));
          },
          onEnd: () =>
            soon(() => {
              say('server: peer closed');
              connections.delete(connection);
              connection.close();
            }),
          onClosed: (_connection, error: Errno | null) => {
            connections.delete(connection);
            if (error !== null) soon(() => say(`server recv: ${error}`));
          },
        };
      },
    },
  );
  const look = (): void => {
    if (signal !== null && world.signals.delete(signal)) {
      for (const connection of connections) push(connection);
    }
    process.after(SIGNAL_INTERVAL_SECONDS, look);
  };
  if (signal !== null) look();
  process.onEnd(() => {
    listener.close();
    for (const connection of connections) connection.close();
  });
};
