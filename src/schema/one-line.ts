// A value as one line of YAML, for reports: { at: 5s, fail: worker02 }.

import type { PlainValue } from './plain-value.ts';

/** Long values are cut at `limit` characters. */
export function oneLine(value: PlainValue, limit = 200): string {
  const text = render(value);
  return text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
}

function render(value: PlainValue): string {
  if (Array.isArray(value)) return `[${value.map(render).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${key}: ${render(inner)}`);
    return `{ ${entries.join(', ')} }`;
  }
  return typeof value === 'string' ? renderText(value) : String(value);
}

function renderText(text: string): string {
  // Quoted when YAML would read the bare text as something else.
  const bare = /^[\p{L}\p{N}_.*/-][^\p{Cc},[\]{}#:"'&|]*(:[^\s,[\]{}#:"'&|]+)*$/u.test(text);
  const literal = /^(true|false|null|[-+]?\d+(\.\d+)?(e[-+]?\d+)?)$/i.test(text);
  return bare && !literal && text.trim() === text ? text : JSON.stringify(text);
}
