// What `egresslab explore` does once its words are read.

import { join, resolve } from 'node:path';
import { shellWord } from '../../base/shell-word.ts';
import type { Session } from '../commands/command.ts';
import { ExitCode } from '../exit-code.ts';
import { loadTopology } from '../load-topology.ts';
import { StopSignals } from '../stop-signals.ts';
import { reportDiagnostics } from '../topology-problems.ts';
import { type ExploreArguments, readExploreArguments } from './arguments.ts';
import { CampaignView } from './campaign-view.ts';
import { mergeCampaigns } from './merge.ts';
import { prepareCampaign } from './prepare-campaign.ts';
import { runCampaign } from './run-campaign.ts';

/** @throws EgressLabError EGL_USAGE, EGL_EXPLORE_BASE, EGL_EXPLORE_FOLDER, EGL_EXPLORE_QUEUE, EGL_EXPLORE_SPACE */
export function executeExplore(
  words: Readonly<Record<string, unknown>>,
  session: Session,
): Promise<ExitCode> {
  const args = readExploreArguments(words);
  return args.topology === 'merge' ? mergeCampaigns(args, session) : execute(args, session);
}

async function execute(args: ExploreArguments, session: Session): Promise<ExitCode> {
  const { io } = session;
  const loaded = loadTopology(args.topology, io.workingDirectory, args.set);
  const { diagnostics, document, topology } = loaded;
  if (topology === null) {
    reportDiagnostics(args.topology, diagnostics, { json: args.json, noColor: true }, io);
    return ExitCode.Input;
  }
  const { flows, header, space } = await prepareCampaign(document, topology, args);
  const view = new CampaignView(io, args.json);
  view.begin(header, space);
  if (args.dryRun) return ExitCode.Success;
  const out = args.out ?? join('explored', topology.name);
  session.reproduce = `egresslab explore ${shellWord(args.topology)} --out ${shellWord(out)} --resume`;
  let stopped = false;
  const signals = new StopSignals(io, () => {
    stopped = true;
    view.stopping();
  });
  signals.listen();
  try {
    const place = { path: out, directory: resolve(io.workingDirectory, out) };
    const isStopped = (): boolean => stopped;
    const found = await runCampaign({
      header,
      space,
      flows,
      place,
      args,
      view,
      isStopped,
      session,
    });
    view.end(found, out, stopped);
    if (stopped) return ExitCode.Interrupted;
    return found.findings.length === 0 ? ExitCode.Success : ExitCode.ExpectationFailed;
  } finally {
    signals.ignore();
  }
}
