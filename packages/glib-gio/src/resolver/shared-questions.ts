// Asks once for what several want at the same time, and stops asking when the last of them has left. Used by Resolver.

interface Question {
  readonly answer: Promise<unknown>
  readonly stop: AbortController
  waiting: number
}

export class SharedQuestions {
  readonly #pending = new Map<string, Question>()

  get size(): number {
    return this.#pending.size
  }

  /**
   * Joins the question `key`, or starts it by `ask`.
   *
   * @param wait Waits for the answer in the manner of one asker, who may leave early; what it gives is the result.
   */
  async join<T>(
    key: string,
    ask: (signal: AbortSignal) => Promise<T>,
    wait: (answer: Promise<T>) => Promise<T>,
  ): Promise<T> {
    const question = this.#pending.get(key) ?? this.#start(key, ask)
    question.waiting++
    try {
      return await wait(question.answer as Promise<T>)
    } finally {
      if (--question.waiting === 0) this.#end(key, question)
    }
  }

  /** Who joins from now on starts a new question; those under way are answered still. */
  forget(): void {
    this.#pending.clear()
  }

  #start(key: string, ask: (signal: AbortSignal) => Promise<unknown>): Question {
    const stop = new AbortController()
    const question: Question = { answer: ask(stop.signal), stop, waiting: 0 }
    this.#pending.set(key, question)
    // Whoever waits sees how it ends; nobody may be waiting any more.
    const onEnd = (): void => this.#end(key, question)
    question.answer.then(onEnd, onEnd)
    return question
  }

  /** Aborting what has already settled does nothing. */
  #end(key: string, question: Question): void {
    if (this.#pending.get(key) === question) this.#pending.delete(key)
    question.stop.abort()
  }
}
