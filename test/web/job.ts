// What test/browser.test.ts and the programs in the browser say to each other.

/** A topology file. */
export interface Job {
  readonly text: string;
  /** As diagnostics and the capture name it. */
  readonly file: string;
}

/** What came of it. */
export interface Result {
  /** The outcome of the run, or what was wrong with the topology. */
  readonly outcome: string;
  /** The capture file, one character (U+0000 to U+00FF) an octet: it leaves the page as JSON. */
  readonly capture: string;
}
