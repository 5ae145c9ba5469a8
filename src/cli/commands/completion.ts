// egresslab completion: a script for the shell; and, behind `--`, the words that the script asks for.

import type { Argv } from 'yargs';
import { EgressLabError } from '../../base/errors.ts';
import { runningLabs } from '../../platform/control/lab-registry.ts';
import { shippedTopologies } from '../../platform/shipped-topologies.ts';
import type { Topology } from '../../topology/topology.ts';
import { complete, type OperandNames } from '../complete.ts';
import { COMPLETION_SCRIPTS } from '../completion-scripts.ts';
import { ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import type { Action, Command, Session } from './command.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** `egresslab completion SHELL`; `commands` are what there is to complete. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    optionNames: [],
    exitCodes: [],
    operand: 'shell',
    operands: 'a shell: bash, zsh or fish',
    register(parser: Argv, choose: (action: Action) => void): Argv {
      return parser.command(
        'completion <shell>',
        'Print a script that completes egresslab in a shell',
        (command) =>
          command
            .positional('shell', {
              describe: 'The shell',
              choices: SHELLS,
              demandOption: true,
            })
            .example('$0 completion bash >> ~/.bashrc', 'for bash')
            .example('$0 completion zsh > ~/.zfunc/_egresslab', 'a folder of your fpath')
            .example('$0 completion fish > ~/.config/fish/completions/egresslab.fish', 'for fish'),
        ({ shell }) => choose((session) => print(shell, session)),
      );
    },
    actionOf([dashes, ...words]: readonly string[]): Action | null {
      if (dashes !== '--') return null;
      return async ({ io }) => {
        const { loadTopology } = await import('../load-topology.ts');
        const load = (file: string): Topology | null =>
          loadTopology(file, io.workingDirectory).topology;
        const found = complete(words, commands(), namesOf(io, commands(), load));
        io.stdout.write(found.map((word) => `${word}\n`).join(''));
        return ExitCode.Success;
      };
    },
  };
}

async function print(shell: Shell, { io }: Session): Promise<ExitCode> {
  io.stdout.write(COMPLETION_SCRIPTS[shell]);
  return ExitCode.Success;
}

type Load = (file: string) => Topology | null;

function namesOf(io: Io, commands: readonly Command[], load: Load): OperandNames {
  const topologies = (): Topology[] =>
    runningLabs(io.environment).flatMap(({ topology }) => topologyOf(topology, load) ?? []);
  return {
    command: () => commands.map(({ name }) => name),
    shell: () => SHELLS,
    lab: () => runningLabs(io.environment).map(({ name }) => name),
    topology: () => shippedTopologies().map(({ name }) => name),
    machine: () => unique(topologies().flatMap(machineNames)),
    segment: () => unique(topologies().flatMap(({ segments }) => segments.map(({ name }) => name))),
    flow: () =>
      unique(topologies().flatMap(({ scenario }) => scenario.flows.map(({ name }) => name))),
    cable: () => unique(topologies().flatMap(cableNames)),
  };
}

/** Null when it cannot be read from here: what completes a command line never complains. */
function topologyOf(file: string, load: Load): Topology | null {
  try {
    return load(file);
  } catch (error) {
    if (error instanceof EgressLabError) return null;
    throw error;
  }
}

function machineNames({ cluster, hosts }: Topology): string[] {
  return [...hosts, ...(cluster?.nodes ?? []), ...(cluster?.pods ?? [])].map(({ name }) => name);
}

function cableNames({ cluster, hosts, links }: Topology): string[] {
  const machines = [...hosts, ...(cluster?.nodes ?? []).map(({ machine }) => machine)];
  const ports = machines.flatMap(({ interfaces, name }) =>
    interfaces.map((each) => `${name}/${each.name}`),
  );
  return [...ports, ...links.map(({ name }) => name)];
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
