// The page's connection to its lab. One that breaks is made again for a minute; what was seen stays.

import type { LiveMessage } from '../../scenario/recording/live-message.ts';
import { readLines } from './lines.ts';

const RETRY_MILLISECONDS = 2000;
/** Longer than any pause that a lab makes. */
const PATIENCE_MILLISECONDS = 60_000;

/** How the page stands to its lab; a sentence where there is something to say. */
export type LabConnection =
  | { readonly kind: 'open' }
  | { readonly kind: 'lost' | 'ended' | 'refused'; readonly words: string };

/** Hears of a lab. */
export interface LabListener {
  onMessage(message: LiveMessage): void;
  onConnection(connection: LabConnection): void;
}

/** Follows the lab until it ends, or cannot be reached for a minute. */
export async function followLab({ onConnection, onMessage }: LabListener): Promise<void> {
  let lostAt: number | null = null;
  let hasEnded = false;
  while (!hasEnded) {
    try {
      const response = await fetch('stream');
      if (!response.ok) {
        onConnection({ kind: 'refused', words: (await response.text()).trim() });
        return;
      }
      lostAt = null;
      onConnection({ kind: 'open' });
      await readLines(response, (line) => {
        const message = line as LiveMessage;
        if (message.kind === 'end') hasEnded = true;
        onMessage(message);
      });
    } catch {
      // Told below.
    }
    if (hasEnded) break;
    lostAt ??= Date.now();
    const at = new Date(lostAt).toLocaleTimeString();
    if (Date.now() - lostAt > PATIENCE_MILLISECONDS) {
      const words = `The lab has not answered since ${at}: it was killed, or its machine sleeps. This is how it stood.`;
      onConnection({ kind: 'ended', words });
      return;
    }
    onConnection({ kind: 'lost', words: `The lab does not answer since ${at}; trying again …` });
    await new Promise((resolve) => {
      setTimeout(resolve, RETRY_MILLISECONDS);
    });
  }
  const words = `The lab ended at ${new Date().toLocaleTimeString()}. This is how it stood.`;
  onConnection({ kind: 'ended', words });
}
