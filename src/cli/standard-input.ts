// How a command line names standard input.

/** What stands for the file on standard input. */
export const STANDARD_INPUT = '-';
