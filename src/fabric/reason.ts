// Why packets of a pod leave as they do: the chain from what an object says to the rule that writes the
// source address, one link each. A link that does not hold is where it breaks.

/** One link of the chain. */
export interface Reason {
  /** What is looked at: 'selector', 'status', 'SNAT row'. */
  readonly what: string;
  /** What it says now. */
  readonly text: string;
  /** False where it keeps the pod from the address that the object asks for. */
  readonly holds: boolean;
}

/** The chain of one pod, and what comes of it. */
export interface EgressReasons {
  /** 'leaves as 192.168.50.120 by worker02' */
  readonly verdict: string;
  readonly reasons: readonly Reason[];
}
