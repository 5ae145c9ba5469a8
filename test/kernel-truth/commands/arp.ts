// gt arp: hand-made ARP frames, --frame op,sha,spa,tha,tpa,dst[@delay] from --dev.

import { Operation } from '../../../src/wire/arp.ts';
import type { MacAddress } from '../../../src/wire/mac-address.ts';
import { Arguments } from '../arguments.ts';
import { address, mac } from '../world.ts';
import { type Command, stackOf } from './command.ts';

export const arp: Command = (shell, words) => {
  const options = new Arguments(words);
  const { process, world } = shell;
  const iface = world.nic(shell.host, options.text('--dev') ?? 'eth0');
  const source = options.text('--src');
  let pending = 0;
  for (const frame of options.texts('--frame')) {
    const [spec = '', delay = '0'] = frame.split('@');
    const [operation, sha = '', spa = '', tha = '', tpa = '', to = ''] = spec.split(',');
    pending++;
    process.after(Number(delay), () => {
      stackOf(shell).arp.send(iface, {
        operation: operation === '1' ? Operation.Request : Operation.Reply,
        senderMac: macOf(sha),
        senderIp: address(spa),
        targetMac: macOf(tha),
        targetIp: address(tpa),
        source: source === null ? macOf(sha) : mac(source),
        destination: macOf(to),
      });
      if (--pending === 0) process.exit();
    });
  }
};

function macOf(text: string): MacAddress {
  if (text === 'ff') return mac('ff:ff:ff:ff:ff:ff');
  return mac(text === '0' ? '00:00:00:00:00:00' : text);
}
