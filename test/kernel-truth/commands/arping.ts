// arping of iputils: -D, -U, -A; -c -w -I.

import { Arping, type ArpingForm } from '../../../src/stack/arp/arping.ts';
import { Arguments } from '../arguments.ts';
import { address } from '../world.ts';
import { type Command, stackOf } from './command.ts';

export const arping: Command = (shell, words) => {
  const options = new Arguments(words, ['-D', '-U', '-A']);
  const form: ArpingForm = options.has('-D')
    ? 'probe'
    : options.has('-U')
      ? 'request'
      : options.has('-A')
        ? 'reply'
        : 'ping';
  const { process, world } = shell;
  const program = new Arping(
    stackOf(shell),
    {
      iface: world.nic(shell.host, options.text('-I') ?? 'eth0'),
      address: address(options.rest[0] ?? ''),
      form,
      count: options.number('-c', 1),
    },
    ({ exitCode }) => process.exit(exitCode),
  );
  process.onEnd(() => program.stop());
};
