// Where in a topology's text somebody is writing: the keys that lead there, told by indentation and braces alone,
// since a text that is being written is rarely whole YAML.

/** A place between two characters. */
export interface WrittenPlace {
  /** The keys from the outermost on; '[]' is an item of a list. */
  readonly path: readonly string[];
  /** The key whose value is being written; null where a key is. */
  readonly key: string | null;
  /** What of the word stands before the place. */
  readonly word: string;
}

/** One nesting level within a line. */
interface Level {
  readonly isList: boolean;
  key: string | null;
  word: string;
}

/** The place at an offset; null within a comment. */
export function placeAt(text: string, offset: number): WrittenPlace | null {
  const before = text.slice(0, offset).split('\n');
  const line = before.pop() ?? '';
  const { column, content, items } = opened(line);
  const levels = levelsOf(content);
  if (levels === null) return null;
  const path = parentsOf(before, column, items);
  for (const { isList, key } of levels.slice(0, -1)) {
    if (isList || key !== null) path.push(key ?? '[]');
  }
  const last = levels.at(-1);
  if (last === undefined) return null;
  if (last.isList) return { path: [...path, '[]'], key: null, word: last.word.trim() };
  return { path, key: last.key, word: last.word.trim() };
}

/** A line without its indentation and the dashes that begin items. */
function opened(line: string): { column: number; content: string; items: number[] } {
  let column = line.length - line.trimStart().length;
  const items: number[] = [];
  while (/^- |^-$/.test(line.slice(column))) {
    items.push(column);
    const rest = line.slice(column + 1);
    column += 1 + (rest.length - rest.trimStart().length);
  }
  return { column, content: line.slice(column), items };
}

/** What is open at the end of a line's content; null in a comment. */
function levelsOf(content: string): Level[] | null {
  const levels: Level[] = [{ isList: false, key: null, word: '' }];
  let quote = '';
  for (const [at, char] of [...content].entries()) {
    const level = levels.at(-1);
    if (level === undefined) return null;
    if (quote !== '') {
      if (char === quote) quote = '';
      else level.word += char;
    } else if ((char === '"' || char === "'") && level.word.trim() === '') quote = char;
    else if (char === '#' && /^\s*$|\s$/.test(content.slice(0, at))) return null;
    else if (char === '{' || char === '[') {
      levels.push({ isList: char === '[', key: null, word: '' });
    } else if (char === '}' || char === ']') {
      if (levels.length > 1) levels.pop();
    } else if (char === ',' && levels.length > 1) {
      level.key = null;
      level.word = '';
    } else if (char === ':' && /^(\s|$)/.test(content.slice(at + 1)) && !level.isList) {
      level.key = level.word.trim();
      level.word = '';
    } else level.word += char;
  }
  return levels;
}

/** The keys above that a key at `column` belongs to; `items` are the dashes on its own line. */
function parentsOf(above: readonly string[], column: number, items: readonly number[]): string[] {
  const path: string[] = [];
  let bound = column;
  for (const item of [...items].reverse()) {
    path.unshift('[]');
    bound = item;
  }
  // A list may stand as far to the left as the key it belongs to.
  let isItem = items.length > 0;
  for (let at = above.length - 1; at >= 0 && (bound > 0 || isItem); at--) {
    const line = above[at] ?? '';
    if (/^\s*(#|$)/.test(line)) continue;
    const { column: start, content, items: dashes } = opened(line);
    const key = /^(?:"([^"]*)"|'([^']*)'|([^\s#{[][^:#]*?))\s*:(?:\s|$)/.exec(content);
    if (key !== null && (start < bound || (isItem && start === bound && dashes.length === 0))) {
      path.unshift(key[1] ?? key[2] ?? key[3] ?? '');
      bound = start;
      isItem = false;
    }
    for (const dash of [...dashes].reverse()) {
      if (dash >= bound) continue;
      path.unshift('[]');
      bound = dash;
      isItem = true;
    }
  }
  return path;
}
