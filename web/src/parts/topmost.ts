// Which of the open dialogs is on top of the others: keys are meant for that one.
import { useLayoutEffect, useState, useSyncExternalStore } from 'react'

/** Things that lie on each other: the last that came is on top. */
export class Pile {
  private things: symbol[] = []
  private watchers = new Set<() => void>()

  readonly top = () => this.things.at(-1)

  readonly watch = (watcher: () => void) => {
    this.watchers.add(watcher)
    return () => void this.watchers.delete(watcher)
  }

  /** Lays something on top; the answer takes it away again, wherever it is then. */
  lay(thing: symbol): () => void {
    this.set([...this.things, thing])
    return () => this.set(this.things.filter((t) => t !== thing))
  }

  private set(things: symbol[]) {
    this.things = things
    for (const w of this.watchers) w()
  }
}

const dialogs = new Pile()

/** Whether the dialog that asks is the topmost one that is open. */
export function useTopmost(): boolean {
  const [me] = useState(() => Symbol('dialog'))
  useLayoutEffect(() => dialogs.lay(me), [me])
  return useSyncExternalStore(dialogs.watch, () => dialogs.top() === me)
}
