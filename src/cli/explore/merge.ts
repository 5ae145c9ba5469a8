// egresslab explore merge: the findings of campaigns that ran as slices, as if one had found them. What was
// found is grouped by signature; results stay where they are.

import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EgressLabError } from '../../base/errors.ts';
import type { CampaignHeader, Suspicion } from '../../explore/campaign.ts';
import { Campaign } from '../../explore/campaign.ts';
import { grouped } from '../../explore/explorer.ts';
import type { ExploreFinding } from '../../explore/finding.ts';
import type { ShrinkRequest } from '../../explore/shrink.ts';
import { Space } from '../../explore/space.ts';
import { Work } from '../../explore/work.ts';
import { readCampaign, requestKey, writeWhole } from '../../platform/explore/folder.ts';
import { emptyMap } from '../../schema/plain-value.ts';
import type { Session } from '../commands/command.ts';
import { ExitCode } from '../exit-code.ts';
import type { ExploreArguments } from './arguments.ts';
import { CampaignView } from './campaign-view.ts';
import { campaignPage } from './page.ts';
import { writeFindings } from './run-campaign.ts';

/** @throws EgressLabError EGL_EXPLORE_FOLDER for folders that hold no campaign, or several */
export async function mergeCampaigns(args: ExploreArguments, session: Session): Promise<ExitCode> {
  const { io } = session;
  if (args.folders.length === 0) throw usage('merge needs the folders of campaigns');
  const out = args.out ?? 'merged';
  const directory = resolve(io.workingDirectory, out);
  if (existsSync(join(directory, 'campaign.json'))) throw usage(`${out} holds a campaign already`);
  const parts = args.folders.map((folder) => {
    const past = readCampaign(resolve(io.workingDirectory, folder));
    if (past.header === null) throw usage(`${folder} holds no campaign`);
    return { folder, header: past.header, past };
  });
  const [first] = parts;
  if (first === undefined) return ExitCode.Input;
  for (const { folder, header } of parts) {
    if (bare(header) !== bare(first.header))
      throw usage(`${folder} is of another campaign than ${first.folder}`);
  }
  const whole: CampaignHeader = { ...first.header, slice: 0, slices: 1 };
  const space = new Space(new Work({ header: whole, flows: emptyMap() }).base, whole.bounds);
  const suspicions: Suspicion[] = [];
  const found = new Map<ShrinkRequest, ExploreFinding | null>();
  const merged = new Campaign({ ...whole, lag: Number.MAX_SAFE_INTEGER }, space);
  let index = 0;
  for (const { header, past } of parts) {
    const campaign = new Campaign({ ...header, lag: Number.MAX_SAFE_INTEGER }, space);
    for (const [at, result] of past.results.entries()) {
      campaign.accept(at, result);
      merged.accept(index++, result);
    }
    campaign.take();
    for (const suspicion of campaign.suspicions) {
      suspicions.push({ ...suspicion, first: suspicion.first * header.slices + header.slice });
      found.set(suspicion.request, past.looked.get(requestKey(suspicion.request)) ?? null);
    }
  }
  merged.take();
  mkdirSync(join(directory, 'findings'), { recursive: true });
  const groups = grouped(suspicions, found);
  const findings = await writeFindings(groups, { place: { path: out, directory }, session });
  writeWhole(join(directory, 'index.html'), campaignPage(merged, findings));
  new CampaignView(io, args.json).end({ campaign: merged, findings }, out, false);
  return findings.length === 0 ? ExitCode.Success : ExitCode.ExpectationFailed;
}

/** What all slices of a campaign share. */
function bare(header: CampaignHeader): string {
  return JSON.stringify({ ...header, slice: 0 });
}

function usage(message: string): EgressLabError {
  return new EgressLabError('EGL_EXPLORE_FOLDER', message, {
    hint: 'Such as: egresslab explore merge part-1 part-2 --out all.',
  });
}
