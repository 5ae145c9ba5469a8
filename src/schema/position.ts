// Where in a topology something was said, so that every complaint and every report can point at it.

/** A place in a topology file; for a topology built in code, line and column are 0. */
export interface Position {
  /** The file as the user named it. */
  readonly file: string;
  /** 1-based; 0 when the topology did not come from a text. */
  readonly line: number;
  /** 1-based, in UTF-16 code units; 0 when the topology did not come from a text. */
  readonly column: number;
  /** The way from the root: 'scenario.steps[3].expect'. */
  readonly path: string;
}

/** 'lab.yaml:12:5', or 'lab: scenario.steps[3]' when there is no text. */
export function formatPosition(position: Position): string {
  return position.line === 0
    ? `${position.file}: ${position.path === '' ? 'topology' : position.path}`
    : `${position.file}:${position.line}:${position.column}`;
}

/** One step into a value: a key or an index. */
export type PathSegment = string | number;
/** The way to a value from the root: keys and indexes. */
export type Path = readonly PathSegment[];

/** ['scenario', 'steps', 3] → 'scenario.steps[3]'. */
export function formatPath(path: Path): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}
