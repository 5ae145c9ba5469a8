// Announcements as they belong together: arping sends one a second, keepalived five and five.

import type { Nanos } from '../sim/time.ts';
import { formatNumber, type SeenAnnouncement } from './arp-watch.ts';
import type { AnnouncementRow } from './model.ts';

const SECOND: Nanos = 1_000_000_000;

/** Announcements of one MAC for one address in one form belong together while the gaps are short. */
export function inSeries(
  seen: readonly SeenAnnouncement[],
  format: (address: number) => string,
): AnnouncementRow[] {
  const series: SeenAnnouncement[][] = [];
  const open = new Map<string, SeenAnnouncement[]>();
  for (const each of seen) {
    const key = `${each.domain}|${each.address}|${each.mac}|${each.operation}|${each.target}`;
    const list = open.get(key);
    const last = list?.at(-1);
    if (list !== undefined && last !== undefined && each.at - last.at < 2.5 * SECOND) {
      list.push(each);
    } else {
      const begun = [each];
      open.set(key, begun);
      series.push(begun);
    }
  }
  const rows = series.flatMap((list) =>
    list.map(({ address, at, domain, frame, mac, operation, target }, index): AnnouncementRow => {
      const [first, last] = [list[0]?.at ?? at, list.at(-1)?.at ?? at];
      const gap = list.length < 2 ? null : (last - first) / (list.length - 1) / 1e9;
      const apart = gap === null ? '' : `, ${Number(gap.toFixed(gap < 0.1 ? 3 : 1))} s apart`;
      return {
        at,
        frame,
        address: format(address),
        domain,
        mac: formatNumber(mac),
        form: operation === 'advertisement' ? operation : `${operation}, tha=${target}`,
        series: `${index + 1} of ${list.length}${apart}`,
      };
    }),
  );
  return rows.sort((a, b) => a.at - b.at || a.frame - b.frame);
}
