// The subcommands, in the order in which help lists them. One line each.

import type { Command } from './command.ts';
import { compareCommand } from './compare.ts';
import { completionCommand } from './completion.ts';
import { diffCommand } from './diff.ts';
import { explainCommand } from './explain.ts';
import { exploreCommand } from './explore/explore.ts';
import { workerCommand } from './explore/worker.ts';
import { extcapCommand } from './extcap.ts';
import { graphCommand } from './graph.ts';
import { helpCommand } from './help.ts';
import { initCommand } from './init.ts';
import { listCommand } from './list.ts';
import { captureCommand } from './live/capture.ts';
import { downCommand } from './live/down.ts';
import { eventsCommand } from './live/events.ts';
import { execCommand } from './live/exec.ts';
import { ocCommand } from './live/oc.ts';
import { ovnCommand } from './live/ovn.ts';
import { statusCommand } from './live/status.ts';
import { stepCommands } from './live/step.ts';
import { viewCommands } from './live/view.ts';
import { whyCommand } from './live/why.ts';
import { runCommand } from './run.ts';
import { schemaCommand } from './schema.ts';
import { upCommand } from './up.ts';
import { validateCommand } from './validate.ts';
import { webCommand } from './web.ts';

/** All of them. */
export const commands: readonly Command[] = [
  runCommand,
  exploreCommand,
  workerCommand,
  upCommand(() => commands),
  initCommand,
  validateCommand,
  graphCommand,
  explainCommand,
  compareCommand,
  webCommand,
  diffCommand,
  listCommand,
  schemaCommand,
  statusCommand,
  ocCommand,
  execCommand,
  eventsCommand,
  captureCommand,
  extcapCommand,
  ...viewCommands,
  ovnCommand,
  whyCommand,
  ...stepCommands,
  downCommand,
  completionCommand(() => commands),
  helpCommand,
];
