// The options of `explore`, as yargs takes them; they load nothing. arguments.ts says what they mean.

import {
  type FlagOption,
  flagOption,
  type ListOption,
  SET_OPTION,
  type TextOption,
  wordOption,
} from '../commands/command.ts';

/** As yargs takes them. */
export const EXPLORE_OPTIONS: Readonly<Record<string, ListOption | TextOption | FlagOption>> = {
  set: SET_OPTION.set,
  properties: wordOption('properties', 'What must hold, such as never-two-answer,outage<45s'),
  faults: wordOption('faults', 'Kinds of faults, such as power,agent,cable,api'),
  'up-to': wordOption('up-to', 'Faults in one run at most (3)'),
  vary: wordOption('vary', 'What else varies: seed, step-times'),
  window: wordOption('window', 'When faults begin, such as 5s..40s'),
  until: wordOption('until', 'How long a run lasts, such as 120s'),
  every: wordOption('every', 'Flows ask at most so often', '1s'),
  runs: wordOption('runs', 'Stop after so many runs'),
  minutes: wordOption('minutes', 'Stop after so many minutes'),
  seed: wordOption('seed', 'Seed of the campaign', '1'),
  strategy: wordOption('strategy', 'How runs are chosen: guided or random', 'guided'),
  systematic: flagOption('Every combination of faults on a grid of times, once'),
  grid: wordOption('grid', 'The grid of --systematic', '1s'),
  threads: wordOption('threads', 'Threads that run labs; all cores when left out'),
  lag: wordOption('lag', 'Run i has seen the results up to i - lag', '32'),
  slice: wordOption('slice', 'One part of a campaign, such as 3/8; join the folders with merge'),
  out: wordOption('out', 'Folder of the campaign; explored/NAME when left out'),
  resume: flagOption('Continue the campaign of the folder'),
  queue: wordOption('queue', 'Let `egresslab worker` processes run it: redis://host:6379'),
  html: wordOption('html', 'Write the campaign as a page'),
  json: flagOption('Print one JSON document and nothing else'),
  'dry-run': flagOption('Tell the space and its size, and run nothing'),
};
