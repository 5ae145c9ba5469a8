// gt tcpclient: connects, sends --count pieces of --size octets, --interval apart, from --first seconds
// after the connection on, closes after --hold seconds, and tells what it saw.
// --dst --src --connect-timeout --keepalive --rst --verbose; --app HOST.

import { seconds } from '../../../src/sim/time.ts';
import type { TcpConnection } from '../../../src/stack/tcp/connection.ts';
import { Arguments } from '../arguments.ts';
import { type Command, stackOf } from './command.ts';
import { endpoint, WAKEUP_SECONDS } from './endpoint.ts';

export const tcpClient: Command = (shell, words) => {
  const options = new Arguments(words, ['--rst', '--verbose']);
  const { process, world } = shell;
  const app = options.text('--app');
  const say = (text: string): void => {
    if (app !== null) world.say(app, text);
  };
  const { address, port } = endpoint(options.text('--dst') ?? '');
  const source = options.text('--src');
  const local = source === null ? null : endpoint(source);
  const count = options.number('--count', 1);
  const hold = options.number('--hold', 1);
  const size = options.number('--size', 4);
  const timeout = options.number('--connect-timeout', 30);
  let isConnected = false;
  let sent = 0;
  const end = (connection: TcpConnection, text: string): void => {
    say(text);
    connection.close();
    process.exit();
  };
  const send = (connection: TcpConnection): void => {
    connection.write(numbered(sent++, size));
    if (sent < count) process.after(options.number('--interval', 0.5), () => send(connection));
  };
  const soon = (action: () => void): void => process.after(WAKEUP_SECONDS, action);
  const connection = stackOf(shell).tcp.connect(
    {
      address,
      port,
      timeout: seconds(timeout),
      ...(local === null ? {} : { localAddress: local.address, localPort: local.port }),
    },
    {
      onConnected: (opened) => {
        isConnected = true;
        soon(() => {
          say('connected');
          process.after(options.number('--first', 0), () => send(opened));
          process.after(hold, () => {
            if (options.has('--rst')) opened.abort();
            end(opened, 'closed');
          });
        });
      },
      onData: (_connection, _frame, _offset, length) => {
        if (options.has('--verbose')) soon(() => say(`received ${length} bytes`));
      },
      onEnd: (opened) => soon(() => end(opened, 'recv: peer closed')),
      onClosed: (closed, error) => {
        if (error === null) return;
        const isTimeout = error === 'ETIMEDOUT' && !isConnected;
        const text = isTimeout ? 'connect: timed out in the application' : `connect: ${error}`;
        soon(() => end(closed, isConnected ? `recv: ${error}` : text));
      },
    },
  );
  process.onEnd(() => connection.close());
};

/** '0003' and zeros. */
function numbered(number: number, size: number): Uint8Array {
  const octets = new Uint8Array(size);
  octets.set(new TextEncoder().encode(String(number).padStart(4, '0')).subarray(0, size));
  return octets;
}
