// The page of a running lab: the same views, over what the lab tells as it happens.

import { render } from 'preact';
import type { LiveMessage } from '../scenario/recording/live-message.ts';
import { followLab } from './live/connection.ts';
import { LiveRecord } from './live/live-record.ts';
import { connection, LiveSide, lag, missed, rate } from './live/side.tsx';
import { RunIndex } from './query/run-index.ts';
import { beginLive, update } from './state.ts';
import { listenToKeys } from './views/keys.tsx';
import { RunView } from './views/run-view.tsx';

/** Wall time between two drawings, in milliseconds: nobody reads faster. */
const PERIOD = 200;

const record = new LiveRecord();
let drawnAt = 0;
let isDue = false;
let counted: { readonly at: number; readonly frames: number } | null = null;
let shownFrames = 0;

/** Draws what is known, at most so often; what comes meanwhile is drawn with it. */
function draw(): void {
  if (isDue) return;
  isDue = true;
  setTimeout(
    () => {
      isDue = false;
      drawnAt = performance.now();
      const known = record.record();
      if (known !== null) update(new RunIndex(known), record.takeForgotten(), record.since ?? 0);
    },
    Math.max(0, drawnAt + PERIOD - performance.now()),
  );
}

function take(message: LiveMessage): void {
  record.take(message);
  if (message.kind === 'batch') {
    const isNew = message.batch.changes.filter(
      ({ change, table }) => table === 'frames' && change === 'added',
    );
    shownFrames += isNew.length;
  }
  if (message.kind === 'pace') {
    const frames = shownFrames + message.missed;
    const at = performance.now();
    if (counted === null) counted = { at, frames };
    else if (at - counted.at >= 1000) {
      rate.value = ((frames - counted.frames) / (at - counted.at)) * 1000;
      counted = { at, frames };
    }
    missed.value = message.missed;
    lag.value = message.lag;
  }
  draw();
}

const root = document.getElementById('app');
if (root !== null) {
  beginLive();
  listenToKeys();
  render(<RunView side={<LiveSide />} />, root);
  void followLab({
    onMessage: take,
    onConnection: (now) => {
      connection.value = now;
    },
  });
}
