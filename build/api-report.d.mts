/** The report over the declarations in a build's output. */
export function apiReport(output: string): string;

/** Types that an entry reaches and no entry exports, as 'path: name'. */
export function unnamedTypes(output: string): string[];
