// The subcommands, in the order in which help lists them. One line each.

import type { Command } from './command.ts';
import { listCommand } from './list.ts';
import { runCommand } from './run.ts';
import { schemaCommand } from './schema.ts';
import { upCommand } from './up.ts';
import { validateCommand } from './validate.ts';

export const commands: readonly Command[] = [
  runCommand,
  upCommand,
  validateCommand,
  listCommand,
  schemaCommand,
];
