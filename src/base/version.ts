// The one place in src that knows the release; a test keeps it equal to package.json.

/** The version of egresslab, as package.json has it. */
export const VERSION = '0.1.0';
