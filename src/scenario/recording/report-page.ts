// The report as one file: the page that `npm run build` made, with a title and a run in it.

import { assert } from '../../base/assert.ts';

/** Where the title goes; the build writes it (build/web.mjs). */
const TITLE = '<title>egresslab report</title>';
/** Where the run goes. Its type is none that a browser runs. */
const RUN = '<script id="run" type="application/octet-stream"></script>';

/** `deflated` is the encoded record, deflated without a header (RFC 1951), in base64. */
export function reportPage(template: string, title: string, deflated: string): string {
  assert(/^[A-Za-z0-9+/=]*$/.test(deflated), 'base64 cannot end the element that it stands in');
  assert(template.includes(TITLE) && template.includes(RUN), 'the page of reports has its places');
  return template
    .replace(TITLE, () => `<title>${escapeText(title)}</title>`)
    .replace(RUN, () => RUN.replace('></', () => `>${deflated}</`));
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
