// An editor for scripts, loaded when it is first shown.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { HighlightStyle, StreamLanguage, bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import type { StreamParser } from '@codemirror/language'
import { csharp } from '@codemirror/legacy-modes/mode/clike'
import { fSharp } from '@codemirror/legacy-modes/mode/mllike'
import { powerShell } from '@codemirror/legacy-modes/mode/powershell'
import { python } from '@codemirror/legacy-modes/mode/python'
import { shell } from '@codemirror/legacy-modes/mode/shell'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState } from '@codemirror/state'
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'

const languages: Record<string, StreamParser<unknown>> = { Bash: shell, PowerShell: powerShell, Python: python, CSharp: csharp, FSharp: fSharp as StreamParser<unknown> }

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: 'var(--run)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: [tags.comment, tags.meta], color: 'var(--mantine-color-dimmed)', fontStyle: 'italic' },
  { tag: [tags.number, tags.bool, tags.atom], color: 'var(--warn)' },
  { tag: [tags.variableName, tags.definition(tags.variableName), tags.standard(tags.variableName)], color: 'inherit' },
])

const look = EditorView.theme({
  '&': { backgroundColor: 'var(--mantine-color-body)', color: 'var(--mantine-color-text)' },
  '.cm-content': { fontFamily: 'var(--mantine-font-family-monospace)', caretColor: 'var(--mantine-color-text)', minHeight: '180px' },
  '.cm-gutters': { backgroundColor: 'var(--soft)', color: 'var(--mantine-color-dimmed)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--run-bg) 35%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--run-bg) !important' },
})

export default function Editor({ value, change, language, label }: { value: string; change: (v: string) => void; language: string; label: string }) {
  const box = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const mode = useRef(new Compartment())
  const changed = useRef(change)
  changed.current = change
  useEffect(() => {
    const parser = languages[language]
    const editor = new EditorView({
      parent: box.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), highlightSelectionMatches(), search({ top: true }),
          // Tab leaves the editor, as it leaves every field: nobody is caught in it.
          keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
          syntaxHighlighting(colours), look, EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label }),
          mode.current.of(parser ? StreamLanguage.define(parser) : []),
          EditorView.updateListener.of((u) => u.docChanged && changed.current(u.state.doc.toString())),
        ],
      }),
    })
    view.current = editor
    return () => editor.destroy()
    // The editor owns its text; it is made once.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [])
  useEffect(() => {
    const parser = languages[language]
    view.current?.dispatch({ effects: mode.current.reconfigure(parser ? StreamLanguage.define(parser) : []) })
  }, [language])
  useEffect(() => {
    const editor = view.current
    if (editor && editor.state.doc.toString() !== value) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])
  return <div className="editor" ref={box} />
}
