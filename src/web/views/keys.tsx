// The keys of the page, and the list of them.

import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import {
  filter,
  follow,
  moveTo,
  pan,
  panel,
  playing,
  run,
  stepChange,
  stepDrop,
  stepEvent,
  stepFrame,
  zoom,
  zoomBy,
} from '../state.ts';

/** Whether the list of keys is open. */
export const isHelpOpen: Signal<boolean> = signal(false);

interface Key {
  readonly keys: readonly string[];
  readonly shift?: boolean;
  readonly what: string;
  act(): void;
}

const KEYS: readonly Key[] = [
  {
    keys: ['ArrowRight'],
    shift: true,
    what: 'next change of the address',
    act: () => stepChange(1),
  },
  { keys: ['ArrowLeft'], shift: true, what: 'previous change', act: () => stepChange(-1) },
  { keys: ['ArrowRight'], what: 'next frame that is shown', act: () => stepFrame(1) },
  { keys: ['ArrowLeft'], what: 'previous frame', act: () => stepFrame(-1) },
  { keys: ['.'], what: 'next event of the timeline', act: () => stepEvent(1) },
  { keys: [','], what: 'previous event', act: () => stepEvent(-1) },
  { keys: [']'], what: 'next drop', act: () => stepDrop(1) },
  { keys: ['['], what: 'previous drop', act: () => stepDrop(-1) },
  { keys: ['Home'], what: 'first instant', act: () => moveTo(0) },
  { keys: ['End'], what: 'last instant', act: () => moveTo(run.value?.duration ?? 0) },
  {
    keys: [' '],
    what: 'play or pause',
    act: () => {
      playing.value = !playing.value;
    },
  },
  { keys: ['+', '='], what: 'lanes: less time', act: () => zoomBy(0.5) },
  { keys: ['-'], what: 'lanes: more time', act: () => zoomBy(2) },
  {
    keys: ['0'],
    what: 'lanes: all of the time',
    act: () => {
      zoom.value = null;
    },
  },
  { keys: ['a'], what: 'lanes: earlier', act: () => pan(-0.25) },
  { keys: ['d'], what: 'lanes: later', act: () => pan(0.25) },
  { keys: ['p'], what: 'follow this packet, or stop', act: follow },
  { keys: ['/'], what: 'filter', act: () => focusOn('filter') },
  { keys: ['1'], what: 'picture', act: () => focusOn('picture') },
  { keys: ['2'], what: 'lanes', act: () => focusOn('lanes') },
  {
    keys: ['3'],
    what: 'ladder',
    act: () => document.querySelector<HTMLElement>('.rows')?.focus(),
  },
  { keys: ['4'], what: 'frame', act: () => openPanel('frame') },
  { keys: ['5'], what: 'tables', act: () => openPanel('tables') },
  { keys: ['6'], what: 'story', act: () => openPanel('story') },
  {
    keys: ['?'],
    what: 'this list',
    act: () => {
      isHelpOpen.value = !isHelpOpen.value;
    },
  },
];

/** Listens from now on. */
export function listenToKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.composedPath()[0];
    if (target instanceof Element && isTyping(target, event.key)) return;
    if (event.key === 'Escape') {
      if (isHelpOpen.value) isHelpOpen.value = false;
      return;
    }
    const arrows = event.key.startsWith('Arrow');
    const found = KEYS.find(
      ({ keys, shift = false }) =>
        keys.includes(event.key) && (!arrows || shift === event.shiftKey),
    );
    if (found === undefined) return;
    event.preventDefault();
    found.act();
  });
}

/** Whether a key belongs to what has the focus: text, lists, and the space of a button. */
function isTyping(target: Element, key: string): boolean {
  if (target.closest('input, select, textarea, [contenteditable="true"]') !== null) {
    if (key === 'Escape' && target.id === 'filter') filter.value = '';
    return true;
  }
  return key === ' ' && target.closest('button, [role=button]') !== null;
}

function focusOn(id: string): void {
  document.getElementById(id)?.focus();
}

function openPanel(id: 'story' | 'frame' | 'tables'): void {
  panel.value = id;
  // Its panel is there when the page has been drawn anew.
  requestAnimationFrame(() => focusOn(`panel-${id}`));
}

/** The list of keys, as a dialog. */
export function Help(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      aria-label="Keys"
      onClose={() => {
        isHelpOpen.value = false;
      }}
    >
      <h2>Keys</h2>
      <dl>
        {KEYS.map(({ keys, shift, what }) => (
          <div key={what}>
            <dt>
              <kbd>{`${shift === true ? 'Shift+' : ''}${keys[0] === ' ' ? 'Space' : keys[0]?.replace('Arrow', '')}`}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button
        type="button"
        onClick={() => {
          isHelpOpen.value = false;
        }}
      >
        close
      </button>
    </dialog>
  );
}
