// gt tcpclient: connects, sends --count pieces of --size octets, --interval apart, from --first seconds
// after the connection on, closes after --hold seconds, and tells what it saw.
// --dst --src --connect-timeout --keepalive --rst --verbose; --app HOST.

import { seconds } from '../../../src/sim/time.ts';
import type { TcpSocket } from '../../../src/stack/tcp/socket.ts';
import { Arguments } from '../arguments.ts';
import { type Command, stackOf } from './command.ts';
import { endpoint, WAKEUP_SECONDS } from './endpoint.ts';

/** The program looks at its clock at least so often. */
const SELECT_SECONDS = 0.2;
/** select() returns late by the process's timer slack, never early. */
const SLACK_SECONDS = 0.000_05;

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
  const interval = options.number('--interval', 0.5);
  let startedAt: number | null = null;
  let nextAt = options.number('--first', 0);
  let sent = 0;
  let turn = 0;
  const end = (connection: TcpSocket, text: string): void => {
    say(text);
    connection.close();
    process.exit();
  };
  /** One turn of the program's loop: is it over, is something to be sent, wait in select(). */
  const loop = (connection: TcpSocket, begun: number): void => {
    const now = process.now - begun;
    if (now >= hold) {
      if (options.has('--rst')) connection.abort();
      end(connection, 'closed');
      return;
    }
    if (sent < count && now >= nextAt) {
      connection.write(numbered(sent++, size));
      nextAt += interval;
    }
    const current = ++turn;
    const pause = sent < count ? Math.min(SELECT_SECONDS, nextAt - now) : SELECT_SECONDS;
    process.after(Math.max(0, pause) + SLACK_SECONDS, () => {
      if (current === turn) loop(connection, begun);
    });
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
      onConnected: (opened) =>
        soon(() => {
          say('connected');
          startedAt = process.now;
          loop(opened, startedAt);
        }),
      onData: (opened, _frame, _offset, length) =>
        soon(() => {
          if (options.has('--verbose')) say(`received ${length} bytes`);
          if (startedAt !== null) loop(opened, startedAt);
        }),
      onEnd: (opened) => soon(() => end(opened, 'recv: peer closed')),
      onClosed: (closed, error) => {
        if (error === null) return;
        const isTimeout = error === 'ETIMEDOUT' && startedAt === null;
        const text = isTimeout ? 'connect: timed out in the application' : `connect: ${error}`;
        soon(() => end(closed, startedAt === null ? text : `recv: ${error}`));
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
