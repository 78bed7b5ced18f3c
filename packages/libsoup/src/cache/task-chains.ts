// Does things asynchronously, those of one name one after the other. Used by DiskStore for the files of a key.

export class TaskChains {
  readonly #onError: (error: Error) => void
  readonly #chains = new Map<string, Promise<void>>()

  constructor(onError: (error: Error) => void) {
    this.#onError = onError
  }

  /** Names with something to do. */
  get size(): number {
    return this.#chains.size
  }

  /** Resolves when everything of this name is done; undefined when it is. Never rejects. */
  pending(name: string): Promise<void> | undefined {
    return this.#chains.get(name)
  }

  add(name: string, task: () => Promise<void>): void {
    const before = this.#chains.get(name)
    const chain = (before === undefined ? task() : before.then(task)).catch(this.#onError).then(() => {
      if (this.#chains.get(name) === chain) this.#chains.delete(name)
    })
    this.#chains.set(name, chain)
  }

  /** Resolves when there is nothing to do, what is added meanwhile included. */
  async idle(): Promise<void> {
    while (this.#chains.size > 0) await Promise.all(this.#chains.values())
  }
}
