// From a topology and what was typed to the header of a campaign.

import { VERSION } from '../../base/version.ts';
import { mapAt } from '../../explore/base.ts';
import type { CampaignHeader } from '../../explore/campaign.ts';
import { prepare } from '../../explore/prepare.ts';
import { boundsOf, Space } from '../../explore/space.ts';
import { emptyMap, isMap, type PlainMap, type PlainValue } from '../../schema/plain-value.ts';
import type { Topology } from '../../topology/topology.ts';
import type { ExploreArguments } from './arguments.ts';

/** What a campaign begins with. */
export interface PreparedCampaign {
  readonly header: CampaignHeader;
  readonly space: Space;
  /** As the user wrote them, by name. */
  readonly flows: PlainMap;
}

/** More batches are under way where others run them. */
const QUEUE_LAG = 400;

/** @throws EgressLabError EGL_EXPLORE_BASE, EGL_EXPLORE_SPACE */
export async function prepareCampaign(
  document: PlainValue,
  topology: Topology,
  args: ExploreArguments,
): Promise<PreparedCampaign> {
  const root = isMap(document) ? document : emptyMap();
  const { every, faults, properties, until, upTo, vary, window } = args;
  const prepared = await prepare(root, topology, { window, until, properties, every });
  const bounds = boundsOf(prepared, { faults, upTo, vary });
  const { base } = prepared;
  const space = new Space(base, bounds);
  const header: CampaignHeader = {
    version: VERSION,
    name: topology.name,
    document: base.document,
    changes: base.place.changes,
    bounds,
    strategy: args.strategy,
    grid: args.grid,
    seed: args.seed,
    lag: args.queue === null ? args.lag : Math.max(args.lag, QUEUE_LAG),
    slice: args.slice,
    slices: args.slices,
  };
  return { header, space, flows: mapAt(mapAt(root, 'scenario'), 'flows') };
}
