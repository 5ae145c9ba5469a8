// What came of a campaign: its figures, and its findings with their files.

import type { Campaign } from '../../explore/campaign.ts';
import type { ToldFinding } from './page.ts';

/** A campaign that has stopped. */
export interface CampaignEnd {
  readonly campaign: Campaign;
  readonly findings: readonly ToldFinding[];
}
