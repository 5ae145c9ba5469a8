// What only a bug in egresslab can cause. What a user can cause is an EgressLabError (errors.ts).

/** Thrown when the program contradicts itself; the CLI turns it into exit code 70. */
export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure';
}

/** States what must hold. @throws AssertionFailure when it does not. */
export function assert(condition: boolean, whatMustHold: string): asserts condition {
  if (!condition) throw new AssertionFailure(whatMustHold);
}

/** Ends a `switch` over a closed union, so that a forgotten member is a compile error. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable value ${String(value)}`);
}

/** For values that an invariant guarantees, where the compiler cannot see it. */
export function present<T>(value: T | null | undefined, whatMustHold: string): T {
  if (value === null || value === undefined) throw new AssertionFailure(whatMustHold);
  return value;
}
