// What the file of a capture is called, without extension.

/** A lab under another seed than its topology's is another run, with a file of its own. */
export function captureName(lab: string, topologySeed: number, seed: number): string {
  return seed === topologySeed ? lab : `${lab}-seed${seed}`;
}
