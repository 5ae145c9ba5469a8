// conntrack -F, and -S for its counters.

import type { Command } from './command.ts';

export const conntrack: Command = ({ world, host, process }, words) => {
  const { conntrack: table } = world.machine(host).netfilter;
  if (words[0] === '-F') table.flush();
  else if (words[0] === '-S') {
    process.print(`insert_failed=${table.counters.insertFailed} drop=${table.counters.drop}`);
  } else throw new Error(`conntrack ${words.join(' ')} is not known`);
  process.exit();
};
