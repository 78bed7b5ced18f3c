// The life of one document load. DocumentLoader moves through this table and nowhere else; FrameLoader reads it.
// Upstream: WebCore/loader/FrameLoaderStateMachine.h and FrameState in WebCore/loader/FrameLoader.h

export type DocumentLoaderState =
  | 'initialized'
  | 'deciding-policy' // the embedder is asked; nothing has been sent
  | 'provisional' // requested, redirects happen here; the frame still shows what it showed
  | 'committed' // a response came; the document is parsed as its bytes come
  | 'parsed' // the document is complete, subresources may be under way
  | 'finished'
  | 'failed' // by an error, a policy or a stop

export const NEXT_DOCUMENT_LOADER_STATE: Readonly<Record<DocumentLoaderState, readonly DocumentLoaderState[]>> = {
  initialized: ['deciding-policy', 'failed'],
  'deciding-policy': ['provisional', 'failed'],
  provisional: ['committed', 'failed'],
  committed: ['parsed', 'failed'],
  parsed: ['finished', 'failed'],
  finished: [],
  failed: [],
}

/** Whether nothing more happens in `state`. */
export function isTerminal(state: DocumentLoaderState): boolean {
  return NEXT_DOCUMENT_LOADER_STATE[state].length === 0
}

/** Whether a load in `state` has not yet replaced what the frame shows. */
export function isBeforeCommit(state: DocumentLoaderState): boolean {
  return state === 'initialized' || state === 'deciding-policy' || state === 'provisional'
}

/** @throws {Error} When the table has no such move, which is a fault of the caller. */
export function checkTransition(from: DocumentLoaderState, to: DocumentLoaderState): void {
  if (!NEXT_DOCUMENT_LOADER_STATE[from].includes(to)) {
    throw new Error(`A document loader cannot go from ${from} to ${to}.`)
  }
}
