// What can be taken away: files made on the page.

import { reportPage } from '../scenario/recording/report-page.ts';
import { deflate } from './octets.ts';

/** Gives a file to the browser's downloads. */
export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // The browser has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The report of a run as one file; null when its page cannot be had from where this one came from. */
export async function reportOf(
  title: string,
  record: Uint8Array<ArrayBuffer>,
): Promise<string | null> {
  const response = await fetch('report.html').catch(() => null);
  if (response?.ok !== true) return null;
  return reportPage(await response.text(), title, await deflate(record));
}

/** The picture as it stands, with its styles in it. */
export function pictureSvg(): string | null {
  const shown = document.getElementById('lab');
  if (shown === null) return null;
  const copy = shown.cloneNode(true);
  if (!(copy instanceof SVGElement)) return null;
  const originals = shown.querySelectorAll('*');
  for (const [at, element] of [...copy.querySelectorAll('*')].entries()) {
    const original = originals[at];
    if (original === undefined) continue;
    const style = getComputedStyle(original);
    for (const name of PROPERTIES) element.setAttribute(name, style.getPropertyValue(name));
  }
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return new XMLSerializer().serializeToString(copy);
}

const PROPERTIES = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'font-family',
  'font-size',
  'font-weight',
  'text-decoration',
];
