// Numbers and values as the page writes them.

import { formatSeconds } from '../../sim/time.ts';

/** '13.500000': six digits, as captures have them. */
export function micros(at: number): string {
  return (at / 1e9).toFixed(6);
}

/** '13.500'. */
export const millis: (at: number) => string = formatSeconds;

/** '1,638'. */
export function count(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A cell of a table. Deadlines count down from `now`; the rest is as it is. */
export function cell(key: string, value: unknown, now: number): string {
  if (value === null || value === undefined) return '–';
  if (key === 'deadline') return `in ${millis(Math.max(0, Number(value) - now))} s`;
  if (key === 'since' || key === 'at') return `${millis(Number(value))} s`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map((each) => cell('', each, now)).join(', ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .filter(([, each]) => each !== null)
    .map(([name, each]) => `${name} ${cell(name, each, now)}`)
    .join(', ');
}

/** The class that gives a letter its color; from the seventh on the colors come again, striped. */
export function claimClass(letter: string | undefined): string {
  if (letter === undefined) return '';
  if (letter === '?') return 'claim claim-nobody';
  const number = letter.charCodeAt(0) - 97;
  return `claim claim-${number % 6}${number > 5 ? ' claim-striped' : ''}`;
}
