// The browser of whoever sits at this machine.

import { spawn } from 'node:child_process';

/** Asks the desktop to open an address. Where there is no desktop, nothing happens. */
export function openInBrowser(url: string): void {
  const [program, ...parameters] = COMMANDS[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...parameters, url], { detached: true, stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
}

const COMMANDS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};
