// How long a run may take on the wall: one that takes longer hangs.

/** Of real time; a run takes a fraction of a second. */
export const RUN_LIMIT_MILLISECONDS = 20_000;

/** A question that is answered with true once so much time has passed. */
export function lateAfter(milliseconds: number): () => boolean {
  const end = performance.now() + milliseconds;
  return () => performance.now() > end;
}
