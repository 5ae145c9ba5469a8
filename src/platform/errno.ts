// The system's reasons (errno) in the user's words.

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['ENOENT', 'no such file or directory'],
  ['ENOTDIR', 'a part of the path is a file, not a directory'],
  ['EISDIR', 'it is a directory'],
  ['EEXIST', 'a file of that name is in the way'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'no space left on the device'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', 'the file would be too large'],
  ['EMFILE', 'too many open files'],
  ['ENFILE', 'too many open files on this machine'],
  ['ELOOP', 'it is a symbolic link, or one of too many'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ETXTBSY', 'the file is being executed'],
  ['ENXIO', 'nothing reads from it'],
  ['EIO', 'input/output error'],
  ['EPIPE', 'nobody reads it any more'],
]);

/** 'ENOSPC' and the like; null for an error that does not come from the system. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** 'permission denied', or the system's own text where we have no better one. */
export function explainErrno(error: unknown): string {
  const code = errnoOf(error);
  if (code !== null) return REASONS.get(code) ?? code;
  return error instanceof Error ? error.message : String(error);
}
