// A campaign's folder after a kill, a second process, and another campaign.

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runGenome } from '../../../src/explore/run.ts';
import { CampaignFolder, readCampaign } from '../../../src/platform/explore/folder.ts';
import { campaignOf } from '../../explore/support.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresslab-campaign-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('what was written whole is read again, half a line is not', async () => {
  const { header, space } = await campaignOf();
  const { folder } = CampaignFolder.open('x', directory, header, false);
  const result = runGenome(space.base, { seed: null, items: [], moves: [] });
  folder.results([result, result]);
  folder.flush();
  folder.results([result]);
  folder.flush();
  folder.looked(
    { genome: result.genome, property: 'p', subject: { kind: 'lab', name: 'l' } },
    null,
  );
  folder.close();
  appendFileSync(join(directory, 'looked.jsonl'), '{"request":{"gen');
  writeFileSync(join(directory, 'results', '00000003.jsonl.17.part'), '{"id"');
  const past = readCampaign(directory);
  expect(past.results).toEqual([result, result, result]);
  expect(past.looked.size).toBe(1);
  const again = CampaignFolder.open('x', directory, header, true);
  expect(again.past.results).toHaveLength(3);
  again.folder.close();
});

test('two campaigns never mix, nor do two processes', async () => {
  const { header } = await campaignOf();
  const { folder } = CampaignFolder.open('x', directory, header, false);
  expect(() => CampaignFolder.open('x', directory, header, true)).toThrow(
    /another process writes to x/,
  );
  folder.close();
  expect(() => CampaignFolder.open('x', directory, header, false)).toThrow(
    /x holds a campaign already/,
  );
  expect(() => CampaignFolder.open('x', directory, { ...header, seed: 2 }, true)).toThrow(
    /another campaign/,
  );
  rmSync(join(directory, 'campaign.json'));
  expect(() => CampaignFolder.open('x', directory, header, true)).toThrow(/no campaign to resume/);
});
