// What is left to do with a segment when its connection has dealt with it.

/** What the demultiplexer has to do afterwards. `Reset`: answer the segment with RST. */
export const Outcome = { Done: 0, Reset: 1 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];
