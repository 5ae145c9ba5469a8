// A link that holds a topology: '#1' and its text, deflated, in the letters that a link may have. The fragment
// is not sent to any server.

import { deflate, inflate } from './octets.ts';

const VERSION = '1';
/** A topology of this size makes no link that anybody can send. */
const TEXT_LIMIT = 64_000;

/** What a link holds: a text, nothing, or a sentence that says what is wrong with it. */
export type LinkContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'broken'; readonly problem: string };

/** The fragment for a text, with '#'; null for one that is too long for a link. */
export async function fragmentOf(text: string): Promise<string | null> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > TEXT_LIMIT) return null;
  const letters = (await deflate(bytes)).replaceAll('+', '-').replaceAll('/', '_');
  return `#${VERSION}${letters.replaceAll('=', '')}`;
}

/** What a fragment holds. Never throws. */
export async function readFragment(fragment: string): Promise<LinkContent> {
  if (fragment === '' || fragment === '#') return { kind: 'none' };
  const letters = fragment.slice(2);
  if (!fragment.startsWith(`#${VERSION}`)) {
    return broken('This link was made by another version of egresslab');
  }
  const bytes = await inflate(letters.replaceAll('-', '+').replaceAll('_', '/'), TEXT_LIMIT);
  if (bytes === null) return broken(`This link was cut off after ${letters.length} characters`);
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return broken('This link does not hold a text');
  }
}

function broken(problem: string): LinkContent {
  return { kind: 'broken', problem: `${problem}. Ask for it once more, or choose a lab.` };
}
