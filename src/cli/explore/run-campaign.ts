// A campaign on this machine or on a queue: opens its folder, lets it run, and writes what was found.

import { join } from 'node:path';
import { Campaign, type CampaignHeader } from '../../explore/campaign.ts';
import { type Crew, explore, type GroupedFinding, type Ledger } from '../../explore/explorer.ts';
import type { Space } from '../../explore/space.ts';
import {
  CampaignFolder,
  type CampaignPast,
  requestKey,
  writeWhole,
} from '../../platform/explore/folder.ts';
import { LocalCrew } from '../../platform/explore/local-crew.ts';
import { ThreadCrew } from '../../platform/explore/thread-crew.ts';
import type { PlainMap } from '../../schema/plain-value.ts';
import type { Session } from '../commands/command.ts';
import type { ExploreArguments } from './arguments.ts';
import type { CampaignEnd } from './campaign-end.ts';
import type { CampaignView } from './campaign-view.ts';
import { writeFinding } from './finding-files.ts';
import { lanesOf } from './lanes.ts';
import { campaignPage, type ToldFinding } from './page.ts';

/** What runs where. */
export interface CampaignRun {
  readonly header: CampaignHeader;
  readonly space: Space;
  readonly flows: PlainMap;
  readonly place: { readonly path: string; readonly directory: string };
  readonly args: ExploreArguments;
  readonly view: CampaignView;
  readonly isStopped: () => boolean;
  readonly session: Session;
}

interface OpenCrew {
  readonly crew: Crew;
  close(): Promise<void>;
}

/** Runs until a limit or a signal. @throws EgressLabError EGL_EXPLORE_FOLDER, EGL_EXPLORE_QUEUE */
export async function runCampaign(run: CampaignRun): Promise<CampaignEnd> {
  const { args, flows, header, isStopped, place, space, view } = run;
  const { folder, past } = CampaignFolder.open(place.path, place.directory, header, args.resume);
  try {
    const campaign = new Campaign(header, space);
    replay(campaign, past);
    const { close, crew } = await openCrew(args, { header, flows });
    try {
      const started = performance.now();
      const minutes = args.minutes ?? Number.POSITIVE_INFINITY;
      const isOver = (): boolean => isStopped() || performance.now() - started > minutes * 60_000;
      const ledger: Ledger = {
        results: (results) => folder.results(results),
        known: (request) => past.looked.get(requestKey(request)),
        finding: (request, finding) => folder.looked(request, finding),
        progress: (now) => view.progress(now),
      };
      const found = await explore(campaign, crew, ledger, { runs: args.runs, isOver });
      folder.flush();
      const findings = await writeFindings(found, run);
      const page = campaignPage(campaign, findings);
      writeWhole(join(place.directory, 'index.html'), page);
      if (args.html !== null) writeWhole(join(run.session.io.workingDirectory, args.html), page);
      return { campaign, findings };
    } finally {
      folder.flush();
      await close();
    }
  } finally {
    folder.close();
  }
}

/** What was run before is drawn again, and its results are taken as they are. */
function replay(campaign: Campaign, { results }: CampaignPast): void {
  for (const [index, result] of results.entries()) {
    if (campaign.next() === null) return;
    campaign.accept(index, result);
    campaign.take();
  }
}

async function openCrew(
  { queue, threads }: ExploreArguments,
  plan: { readonly header: CampaignHeader; readonly flows: PlainMap },
): Promise<OpenCrew> {
  if (queue !== null) {
    const { QueueCrew } = await import('../../platform/explore/queue.ts');
    const crew = await QueueCrew.open(queue, plan);
    return { crew, close: () => crew.close() };
  }
  if (threads === 1) return { crew: new LocalCrew(plan), close: async () => {} };
  const crew = new ThreadCrew(plan, threads);
  return { crew, close: () => crew.close() };
}

/** The smallest of each signature, numbered in the order of first sight. */
export async function writeFindings(
  found: readonly GroupedFinding[],
  { place, session }: Pick<CampaignRun, 'place' | 'session'>,
): Promise<readonly ToldFinding[]> {
  const told: ToldFinding[] = [];
  for (const [index, group] of found.entries()) {
    const findings = join(place.directory, 'findings');
    const written = await writeFinding(group.finding, index + 1, findings, session);
    told.push({ ...group, written, lanes: lanesOf(written.report) });
  }
  return told;
}
