// What the core may use beside the language itself: the few names that every JavaScript host has, Node
// and browsers alike. A name that is not here does not compile in the core (tsconfig.core.json).

/** UTF-8 (WHATWG Encoding). */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

/** UTF-8, piece by piece when `stream` is set (WHATWG Encoding). */
declare class TextDecoder {
  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string;
}

/** A deep copy of plain data (HTML, safe passing of structured data). */
declare function structuredClone<T>(value: T): T;
