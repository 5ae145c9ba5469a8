// The one place in src that knows the release; a test keeps it equal to package.json.

export const VERSION = '0.1.0';
