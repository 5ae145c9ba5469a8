// The page of a campaign: how coverage grew, what was found, and the lanes of each finding. One file without
// scripts and without a network; everything that came from a topology is escaped.

import type { Campaign } from '../../explore/campaign.ts';
import type { GroupedFinding } from '../../explore/explorer.ts';
import type { WrittenFinding } from './finding-files.ts';

const WIDTH = 720;
const HEIGHT = 180;

/** A finding with its files. */
export interface ToldFinding extends GroupedFinding {
  readonly written: WrittenFinding;
  /** Text lanes of who held what and who was answered. */
  readonly lanes: readonly string[];
}

/** The whole page. */
export function campaignPage(campaign: Campaign, findings: readonly ToldFinding[]): string {
  const { header, novelty, runs, sinceNew, states } = campaign;
  const title = `${header.name}: ${findings.length} findings – egresslab explore`;
  const rows = findings.map(
    ({ count, finding, first, written }) =>
      `<tr><td><a href="findings/${escapeHtml(written.name)}/report.html">${escapeHtml(written.name)}</a></td><td>${escapeHtml(finding.signature)}</td><td>${count}</td><td>${first}</td><td>${finding.genome.items.length}</td><td>${finding.shifts.same}/${finding.shifts.of}</td></tr>`,
  );
  const stories = findings.map(
    ({ lanes, written }) =>
      `<h3>${escapeHtml(written.name)}</h3><p>${written.story.map(escapeHtml).join('<br>')}</p><pre>${escapeHtml(lanes.join('\n'))}</pre>`,
  );
  const tried = [...campaign.tried].map(([kind, count]) => `${kind} ${count}`).join(', ');
  const judged = [...campaign.judged].map(([name, count]) => `${name} ${count}`).join(', ');
  const pairs = campaign.untriedPairs;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="generator" content="egresslab">
<title>${escapeHtml(title)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .6rem .2rem 0;border-bottom:1px solid #8884;vertical-align:top}
pre{overflow:auto;font-size:12px}svg{width:100%;height:auto}</style></head><body>
<h1>${escapeHtml(header.name)}</h1>
<p>${runs} runs, ${states} states, the last new one ${sinceNew} runs ago; the next run shows something new with a chance of about ${(novelty * 100).toFixed(0)} %.</p>
<h2>Coverage</h2>${coverageGraph(campaign)}
<h2>Findings</h2><table><tr><th>folder</th><th>signature</th><th>seen</th><th>first run</th><th>faults</th><th>shifts</th></tr>${rows.join('')}</table>
${stories.join('\n')}
<h2>What was tried</h2><p>${escapeHtml(tried)}</p><p>Judged: ${escapeHtml(judged)}</p>
<p>Pairs of kinds that no run had: ${escapeHtml(pairs.length === 0 ? 'none' : pairs.join(', '))}</p>
<p>${campaign.space.absentRoles().map(escapeHtml).join('<br>')}</p>
</body></html>
`;
}

function coverageGraph({ coverage }: Campaign): string {
  const last = coverage.at(-1);
  if (last === undefined || last.runs === 0 || last.states === 0) return '<p>Nothing yet.</p>';
  const points = coverage.map(
    ({ runs, states }) =>
      `${((runs / last.runs) * WIDTH).toFixed(1)},${(HEIGHT - (states / last.states) * HEIGHT).toFixed(1)}`,
  );
  return `<svg viewBox="-4 -4 ${WIDTH + 8} ${HEIGHT + 26}" role="img" aria-label="States over runs"><polyline fill="none" stroke="currentColor" stroke-width="2" points="${points.join(' ')}"/><line x1="0" y1="${HEIGHT}" x2="${WIDTH}" y2="${HEIGHT}" stroke="#888"/><text x="0" y="${HEIGHT + 18}" font-size="13" fill="currentColor">0 runs</text><text x="${WIDTH}" y="${HEIGHT + 18}" font-size="13" text-anchor="end" fill="currentColor">${last.runs} runs, ${last.states} states</text></svg>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
