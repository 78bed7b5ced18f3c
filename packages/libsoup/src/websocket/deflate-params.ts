// The parameters of permessage-deflate: what is offered, what is answered, what holds in the end. Used by
// WebsocketExtensionDeflate. RFC 7692 section 7.1.

import { WebsocketError } from './websocket-error.ts'
import type { WebsocketExtensionParams } from './websocket-extension.ts'

/** What holds on a connection; a window of null was not mentioned and is one of 15 bits. */
export interface DeflateAgreement {
  readonly serverNoContextTakeover: boolean
  readonly clientNoContextTakeover: boolean
  readonly serverMaxWindowBits: number | null
  readonly clientMaxWindowBits: number | null
}

/** What this side would like. */
export interface DeflateParams extends DeflateAgreement {
  /** Whether a client lets the server limit the client's window. */
  readonly offerClientMaxWindowBits: boolean
}

interface Received {
  serverNoContextTakeover: boolean
  clientNoContextTakeover: boolean
  serverMaxWindowBits: number | null
  clientMaxWindowBits: number | 'any' | null
}

export function formatDeflateParams(
  params: Omit<DeflateAgreement, 'clientMaxWindowBits'> & { clientMaxWindowBits: number | 'any' | null },
): string {
  let text = ''
  if (params.serverNoContextTakeover) text += '; server_no_context_takeover'
  if (params.clientNoContextTakeover) text += '; client_no_context_takeover'
  if (params.serverMaxWindowBits !== null) text += `; server_max_window_bits=${params.serverMaxWindowBits}`
  if (params.clientMaxWindowBits === 'any') text += '; client_max_window_bits'
  else if (params.clientMaxWindowBits !== null) text += `; client_max_window_bits=${params.clientMaxWindowBits}`
  return text
}

/** The server's answer to an offer: all that was asked for, and what the server wants and may ask for. */
export function agreeAsServer(wanted: DeflateParams, params: WebsocketExtensionParams): DeflateAgreement {
  const offer = readParams(params)
  return {
    serverNoContextTakeover: offer.serverNoContextTakeover || wanted.serverNoContextTakeover,
    clientNoContextTakeover: offer.clientNoContextTakeover || wanted.clientNoContextTakeover,
    serverMaxWindowBits: smaller(offer.serverMaxWindowBits, wanted.serverMaxWindowBits),
    clientMaxWindowBits: agreeOnClientWindow(offer.clientMaxWindowBits, wanted.clientMaxWindowBits),
  }
}

/** What an answer means for the client that made the offer `wanted`. */
export function agreeAsClient(wanted: DeflateParams, params: WebsocketExtensionParams): DeflateAgreement {
  const answer = readParams(params)
  if (wanted.serverNoContextTakeover && !answer.serverNoContextTakeover) throw refuse('server_no_context_takeover')
  if (wanted.serverMaxWindowBits !== null) {
    const bits = answer.serverMaxWindowBits
    if (bits === null || bits > wanted.serverMaxWindowBits) throw refuse('server_max_window_bits')
  }
  if (answer.clientMaxWindowBits !== null) {
    const { clientMaxWindowBits: bits } = answer
    if (bits === 'any' || !wanted.offerClientMaxWindowBits) throw refuse('client_max_window_bits')
  }
  return {
    serverNoContextTakeover: answer.serverNoContextTakeover,
    clientNoContextTakeover: answer.clientNoContextTakeover || wanted.clientNoContextTakeover,
    serverMaxWindowBits: answer.serverMaxWindowBits,
    clientMaxWindowBits: smaller(answer.clientMaxWindowBits as number | null, wanted.clientMaxWindowBits),
  }
}

// A server may limit the client's window only where the client said that it would heed it.
function agreeOnClientWindow(offered: number | 'any' | null, wanted: number | null): number | null {
  if (offered === null) return null
  return offered === 'any' ? wanted : smaller(offered, wanted)
}

function smaller(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

function readParams(params: WebsocketExtensionParams): Received {
  const received: Received = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: null,
    clientMaxWindowBits: null,
  }
  for (const [name, value] of params) {
    if (name === 'server_no_context_takeover' && value === null) received.serverNoContextTakeover = true
    else if (name === 'client_no_context_takeover' && value === null) received.clientNoContextTakeover = true
    else if (name === 'server_max_window_bits') received.serverMaxWindowBits = windowBits(name, value)
    else if (name === 'client_max_window_bits') {
      received.clientMaxWindowBits = value === null ? 'any' : windowBits(name, value)
    } else throw refuse(name)
  }
  return received
}

function windowBits(name: string, value: string | null): number {
  if (value === null || !/^(?:[89]|1[0-5])$/.test(value)) throw refuse(name)
  return Number(value)
}

function refuse(name: string): WebsocketError {
  return new WebsocketError('BAD_HANDSHAKE', `The parameter "${name}" of permessage-deflate is not acceptable.`)
}
