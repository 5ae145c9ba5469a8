import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countRequests,
  findOutages,
  longestOutage,
  type RequestRecord,
} from '../../../src/scenario/flows/statistics.ts';

/** 'a': answered, 'l': lost, 'r': refused, 'w': waits, '|': the flow is stopped for a while; one a second. */
function records(pattern: string): RequestRecord[] {
  const made: RequestRecord[] = [];
  let pausedAt: number | null = null;
  [...pattern].forEach((sign, second) => {
    const sentAt = second;
    if (sign === '|') {
      pausedAt ??= sentAt;
      return;
    }
    made.push({
      sentAt,
      pausedAt,
      answeredAt: sign === 'a' ? sentAt + 0.1 : null,
      lostAt: sign === 'l' || sign === 'r' ? sentAt + 0.5 : null,
      why: sign === 'r' ? 'ECONNREFUSED' : null,
    });
    pausedAt = null;
  });
  return made;
}

const outages = (pattern: string): (number | string | null)[][] =>
  findOutages(records(pattern), pattern.length).map(({ from, to, duration, unanswered, why }) => [
    from,
    to,
    duration,
    unanswered,
    why,
  ]);

describe('outages', () => {
  test('last from the first lost request to the next answered one', () => {
    expect(outages('aallaala')).toEqual([
      [2, 4, 2, 2, null],
      [6, 7, 1, 1, null],
    ]);
  });

  test('may be open at the end; what waits then counts only after something lost', () => {
    expect(outages('aaww')).toEqual([]);
    expect(outages('aalww')).toEqual([[2, null, 3, 3, null]]);
  });

  test('say what was met most often', () => {
    expect(outages('alrra')).toEqual([[1, 4, 3, 3, 'ECONNREFUSED']]);
  });

  test('end where the flow is stopped', () => {
    expect(outages('all|||a')).toEqual([[1, null, 2, 2, null]]);
    expect(outages('all|||la')).toEqual([
      [1, null, 2, 2, null],
      [6, 7, 1, 1, null],
    ]);
  });

  const pattern = fc
    .array(fc.constantFrom('a', 'l', 'r', 'w', '|'), { maxLength: 40 })
    .map((signs) => signs.join(''));

  test('are disjoint, in order, and hold every lost request and no answered one', () => {
    fc.assert(
      fc.property(pattern, (signs) => {
        const all = records(signs);
        const end = signs.length;
        const found = findOutages(all, end);
        let before = 0;
        for (const { from, to, duration } of found) {
          expect(from).toBeGreaterThanOrEqual(before);
          expect(duration).toBeGreaterThan(0);
          if (to !== null) expect(duration).toBe(to - from);
          before = from + duration;
        }
        expect(before).toBeLessThanOrEqual(end);
        const within = (at: number): boolean =>
          found.some(({ from, duration }) => at >= from && at < from + duration);
        for (const { sentAt, answeredAt, lostAt } of all) {
          if (answeredAt !== null) expect(within(sentAt)).toBe(false);
          if (lostAt !== null) expect(within(sentAt)).toBe(true);
        }
        const unanswered = found.reduce((sum, each) => sum + each.unanswered, 0);
        expect(unanswered).toBe(
          all.filter(({ sentAt, answeredAt }) => answeredAt === null && within(sentAt)).length,
        );
        expect(longestOutage(found)).toBe(Math.max(0, ...found.map(({ duration }) => duration)));
      }),
    );
  });

  test('whatever the window: what was sent is answered, lost or pending, and windows add up', () => {
    fc.assert(
      fc.property(pattern, fc.nat(40), (signs, cut) => {
        const all = records(signs);
        const whole = countRequests(all);
        expect(whole.sent).toBe(all.length);
        expect(whole.answered + whole.lost + whole.pending).toBe(whole.sent);
        const [left, right] = [countRequests(all, 0, cut), countRequests(all, cut)];
        for (const key of ['sent', 'answered', 'lost', 'pending'] as const) {
          expect(left[key] + right[key]).toBe(whole[key]);
        }
      }),
    );
  });
});
