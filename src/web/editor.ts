// The editor of topologies: CodeMirror in a shadow root, where its styles break no policy, with the lab's own
// diagnostics as squiggles.

import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { linter, lintGutter, type Diagnostic as Squiggle } from '@codemirror/lint';
import { EditorState, type Text } from '@codemirror/state';
import { EditorView, hoverTooltip, keymap, type Tooltip } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { basicSetup } from 'codemirror';
import type { Diagnostic } from '../schema/diagnostic.ts';
import type { Assistance } from './worker/messages.ts';

/** How long nobody types before the text is checked, in milliseconds. */
const REST = 250;

/** What an editor needs to know. */
export interface EditorOptions {
  readonly text: string;
  check(text: string): Promise<readonly Diagnostic[]>;
  /** Null when nobody knows. */
  assist(text: string, offset: number): Promise<Assistance | null>;
  onChange(text: string): void;
  /** Ctrl+Enter. */
  onRun(): void;
}

/** Makes an editor in `host`. */
export function createEditor(host: HTMLElement, options: EditorOptions): EditorView {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const run = (): boolean => {
    options.onRun();
    return true;
  };
  // One for all times: CodeMirror knows a source by its identity.
  const help = [{ autocomplete: completionsFrom(options) }];
  return new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        // Before the standard keys, which make a new line of it.
        keymap.of([{ key: 'Mod-Enter', run }]),
        basicSetup,
        yaml(),
        syntaxHighlighting(COLORS),
        THEME,
        lintGutter(),
        EditorState.languageData.of(() => help),
        hoverTooltip((view, at) => meaningOf(options, view.state.doc.toString(), at)),
        linter(async ({ state: { doc } }) => squiggles(doc, await options.check(doc.toString())), {
          delay: REST,
        }),
        EditorView.contentAttributes.of({
          tabindex: '0',
          'aria-label': 'Topology in YAML. Ctrl+Enter runs it; Escape and then Tab leaves.',
        }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) options.onChange(state.doc.toString());
        }),
      ],
    }),
  });
}

/** Replaces the whole text. */
export function setText(editor: EditorView, text: string): void {
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
}

/** Puts the caret where a problem is. */
export function goTo(editor: EditorView, line: number, column: number): void {
  const { from } = editor.state.doc.line(Math.min(Math.max(1, line), editor.state.doc.lines));
  const at = Math.min(from + Math.max(0, column - 1), editor.state.doc.length);
  editor.dispatch({ selection: { anchor: at }, scrollIntoView: true });
  editor.focus();
}

/** What CodeMirror's completion asks for: where it stands, and whether it was called by key. */
interface CompletionPlace {
  readonly state: EditorState;
  readonly pos: number;
  readonly explicit: boolean;
}

function completionsFrom({ assist }: EditorOptions) {
  return async ({ explicit, pos, state }: CompletionPlace) => {
    const found = await assist(state.doc.toString(), pos);
    if (found === null || found.suggestions.length === 0) return null;
    if (found.word === '' && !explicit) return null;
    return {
      from: pos - found.word.length,
      options: found.suggestions.map(({ about, isKey, text }) => ({
        label: text,
        info: about,
        type: isKey ? 'property' : 'constant',
        apply: isKey ? `${text}: ` : text,
      })),
      validFor: /^[\w.-]*$/,
    };
  };
}

async function meaningOf(
  { assist }: EditorOptions,
  text: string,
  at: number,
): Promise<Tooltip | null> {
  const meaning = (await assist(text, at))?.meaning ?? null;
  if (meaning === null) return null;
  const create = (): { dom: HTMLElement } => {
    const dom = document.createElement('div');
    dom.className = 'meaning';
    dom.textContent = meaning;
    return { dom };
  };
  return { pos: at, above: true, create };
}

function squiggles(doc: Text, diagnostics: readonly Diagnostic[]): Squiggle[] {
  return diagnostics.map(({ message, position, remedy, severity, source }) => {
    const line = doc.line(Math.min(Math.max(1, position.line), doc.lines));
    const from = Math.min(line.from + Math.max(0, position.column - 1), line.to);
    const to = Math.min(Math.max(from + (source?.length ?? 1), from + 1), doc.length);
    const said = remedy === null ? message : `${message}; ${remedy}`;
    return { from: Math.min(from, to), to, severity, message: said };
  });
}

const COLORS = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--tcp)' },
  { tag: tags.definition(tags.propertyName), color: 'var(--tcp)' },
  { tag: tags.string, color: 'var(--good)' },
  { tag: tags.comment, color: 'var(--muted)' },
  { tag: tags.keyword, color: 'var(--vxlan)' },
]);

const THEME = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--bg)', color: 'var(--ink)', fontSize: '12.5px' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'ui-monospace, monospace', lineHeight: '18px' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': {
    backgroundColor: 'var(--panel)',
    color: 'var(--muted)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--selected) !important',
  },
  '.meaning': { maxWidth: '420px', padding: '4px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    background: 'var(--selected)',
    color: 'var(--ink)',
  },
  '.cm-tooltip, .cm-panels': {
    backgroundColor: 'var(--panel)',
    color: 'var(--ink)',
    border: '1px solid var(--border)',
  },
});
