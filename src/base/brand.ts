declare const brand: unique symbol;

/** A number (or string) that cannot be mixed up with another of the same representation. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
