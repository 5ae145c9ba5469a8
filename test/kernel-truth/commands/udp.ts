// gt udp: sends datagrams that carry their number, at a rate, and tells what comes back.
// --dst --src --count --interval --size --linger --ttl --df (IP_MTU_DISCOVER), --connect, --confirm,
// --nocsum, --recverr, --verbose; --app HOST: under whose name it speaks.

import type { Errno } from '../../../src/stack/socket/errno.ts';
import type { PathMtuDiscovery, UdpSocket } from '../../../src/stack/udp/socket.ts';
import { formatIpv4 } from '../../../src/wire/ipv4-address.ts';
import { Arguments } from '../arguments.ts';
import { type Command, stackOf } from './command.ts';
import { endpoint } from './endpoint.ts';

/** The values of IP_MTU_DISCOVER. */
const DISCOVERY: readonly PathMtuDiscovery[] = ['dont', 'want', 'do', 'probe'];
const FLAGS = ['--connect', '--confirm', '--nocsum', '--recverr', '--verbose', '--broadcast'];

export const udp: Command = (shell, words) => {
  const options = new Arguments(words, FLAGS);
  const { process, world } = shell;
  const app = options.text('--app');
  const say = (text: string): void => {
    if (app !== null) world.say(app, text);
  };
  const target = endpoint(options.text('--dst') ?? '');
  const source = options.text('--src');
  const count = options.number('--count', 1);
  const interval = options.number('--interval', 0.1);
  const size = options.number('--size', 8);
  const isVerbose = options.has('--verbose');
  let sent = 0;
  let got = 0;
  let isFresh = false;
  const socket = stackOf(shell).udp.bind(source === null ? {} : endpoint(source), {
    onDatagram: (_socket, _frame, _offset, length, from, port) => {
      got++;
      isFresh = true;
      if (isVerbose) say(`udp got ${length} bytes from ${formatIpv4(from)}:${port}`);
    },
    onError: (_socket, error) => say(`udp recv: ${error}`),
  });
  configure(socket, options);
  process.onEnd(() => {
    socket.close();
    if (isVerbose) say(`udp sent ${sent} got ${got}`);
    process.print(JSON.stringify({ sent, got }));
  });
  if (options.has('--connect')) socket.connect(target.address, target.port);
  const send = (): void => {
    const octets = numbered(sent, size);
    socket.confirmsNeighbor = options.has('--confirm') && isFresh;
    isFresh = false;
    const error: Errno | null = options.has('--connect')
      ? socket.send(octets)
      : socket.sendTo(target.address, target.port, octets);
    if (error !== null) say(`udp send ${sent}: ${error}`);
    sent++;
    if (sent < count) process.after(interval, send);
    else process.after(options.number('--linger', 0.3), () => process.exit());
  };
  send();
};

function configure(socket: UdpSocket, options: Arguments): void {
  const timeToLive = options.text('--ttl');
  if (timeToLive !== null) socket.timeToLive = Number(timeToLive);
  const discovery = DISCOVERY[options.number('--df', -1)];
  if (discovery !== undefined) socket.pathMtuDiscovery = discovery;
  socket.checksummed = !options.has('--nocsum');
  socket.receiveErrors = options.has('--recverr');
}

/** '00000007' and zeros. */
function numbered(number: number, size: number): Uint8Array {
  const octets = new Uint8Array(size);
  octets.set(new TextEncoder().encode(String(number).padStart(8, '0')).subarray(0, size));
  return octets;
}
