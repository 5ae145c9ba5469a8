// What a user can cause: a stable code, what was found and where, and what to do about it.
// The codes, their causes and their cures are listed in src/REFERENCE.md.

/** All codes, by name. What causes each and what helps stands in src/REFERENCE.md. */
export const ERROR_CODES = [
  'EGL_ADDRESS_IN_USE',
  'EGL_ARGUMENT',
  'EGL_ATTACH_CONFIGURE',
  'EGL_ATTACH_CREATE',
  'EGL_ATTACH_NAMESPACE',
  'EGL_ATTACH_NAME_TAKEN',
  'EGL_ATTACH_NEEDS_REALTIME',
  'EGL_ATTACH_NO_INTERFACE',
  'EGL_ATTACH_NO_RAW_SOCKET',
  'EGL_ATTACH_NO_TUN',
  'EGL_ATTACH_PERMISSION',
  'EGL_ATTACH_UNSUPPORTED',
  'EGL_BAD_DURATION',
  'EGL_BROADCAST_STORM',
  'EGL_BUG',
  'EGL_CANNOT_DROP',
  'EGL_CAPTURE_BUSY',
  'EGL_CAPTURE_DIRECTORY',
  'EGL_CAPTURE_FOREIGN',
  'EGL_CAPTURE_FORMAT',
  'EGL_CAPTURE_LINK_TYPE',
  'EGL_CAPTURE_UNWRITABLE',
  'EGL_CAPTURE_WRITE',
  'EGL_COMMAND',
  'EGL_EVENT_STORM',
  'EGL_EXPLORE_BASE',
  'EGL_EXPLORE_FOLDER',
  'EGL_EXPLORE_FOUND',
  'EGL_EXPLORE_QUEUE',
  'EGL_EXPLORE_SPACE',
  'EGL_FILE_EXISTS',
  'EGL_FILE_IS_DIRECTORY',
  'EGL_FILE_NOT_FOUND',
  'EGL_FILE_NOT_UTF8',
  'EGL_FILE_TOO_LARGE',
  'EGL_FILE_UNREADABLE',
  'EGL_FILE_UNWRITABLE',
  'EGL_FLOW_TOO_LONG',
  'EGL_KUBECONFIG',
  'EGL_LAB_NAME',
  'EGL_LAB_RUNNING',
  'EGL_LAB_UNREACHABLE',
  'EGL_LISTEN',
  'EGL_NO_CLUSTER',
  'EGL_NO_LAB',
  'EGL_OC_ARGUMENT',
  'EGL_OC_ENDLESS',
  'EGL_OC_FLAG',
  'EGL_OC_PATCH',
  'EGL_OC_QUOTING',
  'EGL_OC_RESOURCE',
  'EGL_OC_VERB',
  'EGL_OUTPUT',
  'EGL_PORTS_EXHAUSTED',
  'EGL_PORT_IN_USE',
  'EGL_REALTIME_LAG',
  'EGL_RUNTIME_DIRECTORY',
  'EGL_SDN_PROFILE',
  'EGL_SDN_QUIRK',
  'EGL_SEED',
  'EGL_SYSCTL_VALUE',
  'EGL_TOPOLOGY_INVALID',
  'EGL_TOPOLOGY_WARNING',
  'EGL_UNKNOWN_ATTACHMENT',
  'EGL_UNKNOWN_FABRIC',
  'EGL_UNKNOWN_FLOW',
  'EGL_UNKNOWN_INTERFACE',
  'EGL_UNKNOWN_LAB',
  'EGL_UNKNOWN_LINK',
  'EGL_UNKNOWN_MACHINE',
  'EGL_UNKNOWN_PORT',
  'EGL_UNKNOWN_SEGMENT',
  'EGL_UNKNOWN_SYSCTL',
  'EGL_UNKNOWN_USER',
  'EGL_USAGE',
  'EGL_WHICH_LAB',
  'EGL_WORKING_DIRECTORY',
] as const;

/** A stable name of a problem, for scripts: 'EGL_FILE_NOT_FOUND'. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Whether a text from elsewhere, such as a lab of another version, is a code that is known here. */
export function isErrorCode(text: string): text is ErrorCode {
  const known: readonly string[] = ERROR_CODES;
  return known.includes(text);
}

/** Whose matter it is: what the user wrote or typed, or what the machine lacks. Decides the exit code. */
export type Fault = 'input' | 'environment';

/** What an error may say beyond its message. */
export interface ErrorDetails {
  /** One sentence that says what to do. */
  readonly hint?: string;
  /** 'input' when not given. */
  readonly fault?: Fault;
  /** What was caught, if the error comes of another one. */
  readonly cause?: unknown;
}

/** The only error class that crosses the public API on purpose. */
export class EgressLabError extends Error {
  override readonly name = 'EgressLabError';
  /** What scripts go by. */
  readonly code: ErrorCode;
  /** One sentence that says what to do; null when there is nothing more to say. */
  readonly hint: string | null;
  readonly fault: Fault;

  /** `message` says what was found and where, in one sentence without a period. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? null;
    this.fault = details.fault ?? 'input';
  }
}
