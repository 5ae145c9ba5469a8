// A command of the scripts. It does its work on the host through the lab's API, and calls
// `process.exit` when it is done, now or later.

import type { NetworkStack } from '../../../src/stack/stack.ts';
import type { Process } from '../process.ts';
import type { World } from '../world.ts';

export interface Shell {
  readonly world: World;
  readonly host: string;
  readonly process: Process;
}

export type Command = (shell: Shell, words: readonly string[]) => void;

export function stackOf({ world, host }: Shell): NetworkStack {
  return world.host(host);
}
