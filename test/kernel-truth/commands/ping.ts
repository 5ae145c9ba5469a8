// ping of iputils 20221126, as far as the scripts use it: -c -i -W -e -I -t -s -Q -b -q. It ends when
// every request has had its answer or error; else, after the last one, it waits for twice the longest
// round trip but at least one interval, or for -W if there was no answer at all (sched_next, finish).

import { seconds } from '../../../src/sim/time.ts';
import { timerExpiry } from '../../../src/stack/neighbor/timer-wheel.ts';
import { Type, UnreachableCode } from '../../../src/wire/icmp.ts';
import type { Ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { formatIpv4 } from '../../../src/wire/ipv4-address.ts';
import { Arguments } from '../arguments.ts';
import { address } from '../world.ts';
import { type Command, stackOf } from './command.ts';

const DEFAULT_LINGER_SECONDS = 10;

export const ping: Command = (shell, words) => {
  const options = new Arguments(words, ['-q', '-b']);
  const { process } = shell;
  const destination: Ipv4Address = address(options.rest[0] ?? '');
  const count = options.number('-c', Number.POSITIVE_INFINITY);
  const interval = options.number('-i', 1);
  const source = options.text('-I');
  const identifier = options.text('-e');
  const timeToLive = options.text('-t');
  const size = options.text('-s');
  const typeOfService = options.text('-Q');
  let sent = 0;
  let received = 0;
  let errors = 0;
  const socket = stackOf(shell).icmp.openEcho(
    {
      onReply: ({ sequence }) => {
        received++;
        process.print(`icmp_seq=${sequence}`);
        finishWhenAnswered();
      },
      onError: ({ type, code, from, echoSequence: sequence }) => {
        errors++;
        process.print(`From ${formatIpv4(from)} icmp_seq=${sequence} ${meaning(type, code)}`);
        finishWhenAnswered();
      },
    },
    identifier === null ? null : Number(identifier),
  );
  process.onEnd(() => {
    socket.close();
    process.print(`${sent} packets transmitted, ${received} received`);
  });
  const finish = (): void => process.exit(received > 0 ? 0 : 1);
  const finishWhenAnswered = (): void => {
    if (received + errors >= count) finish();
  };
  const send = (): void => {
    socket.send(destination, ++sent, {
      ...(source === null ? {} : { source: address(source) }),
      ...(timeToLive === null ? {} : { timeToLive: Number(timeToLive) }),
      ...(size === null ? {} : { size: Number(size) }),
      ...(typeOfService === null ? {} : { typeOfService: Number(typeOfService) }),
    });
    if (sent < count) {
      // It waits in recvmsg(), whose timeout is a kernel timer: `-i 0.1` is 0.104 s, as measured.
      const { scheduler } = shell.world.lab;
      const next = timerExpiry(scheduler.now, seconds(interval)) - scheduler.now;
      process.after(next / 1e9, send);
    } else {
      const silent = options.number('-W', DEFAULT_LINGER_SECONDS);
      process.after(received > 0 ? interval : silent, finish);
    }
  };
  send();
};

function meaning(type: number, code: number): string {
  if (type === Type.TimeExceeded) return 'Time to live exceeded';
  if (type !== Type.Unreachable) return `type ${type} code ${code}`;
  switch (code) {
    case UnreachableCode.Network:
      return 'Destination Net Unreachable';
    case UnreachableCode.Host:
      return 'Destination Host Unreachable';
    case UnreachableCode.Port:
      return 'Destination Port Unreachable';
    default:
      return `Destination unreachable, code ${code}`;
  }
}
