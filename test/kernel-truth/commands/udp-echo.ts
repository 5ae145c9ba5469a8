// gt udpecho: answers each datagram with its own octets (--mode echo), or with nothing (sink).
// --bind, --delay: serves one datagram after the other, so that others wait; --nocsum, --df.

import { Arguments } from '../arguments.ts';
import { type Command, stackOf } from './command.ts';
import { endpoint, WAKEUP_SECONDS } from './endpoint.ts';

export const udpEcho: Command = (shell, words) => {
  const options = new Arguments(words, ['--nocsum']);
  const { process } = shell;
  const isEcho = options.text('--mode') !== 'sink';
  const delay = options.number('--delay', 0);
  let freeAt = 0;
  const socket = stackOf(shell).udp.bind(endpoint(options.text('--bind') ?? ''), {
    onDatagram: (from, frame, offset, length, source, port) => {
      if (!isEcho) return;
      const octets = frame.bytes.slice(offset, offset + length);
      const begin = Math.max(process.now + WAKEUP_SECONDS, freeAt);
      freeAt = begin + delay;
      // A socket on all addresses answers from the one that the route chooses, as Linux does.
      process.after(freeAt - process.now, () => from.sendTo(source, port, octets));
    },
  });
  socket.checksummed = !options.has('--nocsum');
  process.onEnd(() => socket.close());
};
