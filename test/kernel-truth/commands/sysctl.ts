// sysctl NAME=VALUE

import { type Command, stackOf } from './command.ts';

export const sysctl: Command = (shell, words) => {
  const [name = '', value = ''] = (words[0] ?? '').split('=');
  stackOf(shell).sysctl.set(name, Number(value));
  shell.process.exit();
};
