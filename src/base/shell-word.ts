// Quoting for a POSIX shell (XCU 2.2): commands that are shown are commands that can be typed.

/** One word, quoted only where it must be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
