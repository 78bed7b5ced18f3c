// Judges the OCSP response a server stapled to its handshake; called by verifyChain once a path to an anchor is known.
// Upstream: glib-networking leaves it to its libraries. RFC 6960 sections 3.2 and 4.2; RFC 6066 section 8.

import type { TlsCertificate } from '../certificates/tls-certificate.ts'
import { VerificationClock } from '../verification/verification-clock.ts'
import type { SignatureVerifier } from '../verification/verify-chain.ts'
import { type BasicOcspResponse, decodeOcspResponse, type OcspSingleResponse } from './decoded-ocsp-response.ts'
import { matchesCertId } from './ocsp-cert-id.ts'
import { isSignedByResponder } from './ocsp-responder.ts'

/** A response with its responder's chain has some 2 to 6 KiB; anything beyond this is not read. */
const MAXIMUM_RESPONSE_BYTES = 64 * 1024
/** How far the responder's clock may be ahead of ours or behind it. */
const CLOCK_SKEW_MS = 5 * 60_000
/** For how long a response that names no next update is good; GnuTLS's figure. */
const VALIDITY_WITHOUT_NEXT_UPDATE_MS = 15 * 24 * 60 * 60_000

/**
 * - `good`: the responder knows the certificate and it is not revoked.
 * - `revoked`: it is revoked.
 * - `unknown`: the responder does not know it.
 * - `invalid`: the response says nothing that can be believed about this certificate at this time.
 */
export type OcspStatus = 'good' | 'revoked' | 'unknown' | 'invalid'

export interface OcspVerdict {
  readonly status: OcspStatus
  /** One sentence on why, fit for a log. */
  readonly reason: string
  /** When the certificate was revoked; null unless `status` is `revoked`. */
  readonly revokedAt: Date | null
}

export interface OcspCheckOptions {
  /** The certificate asked about. */
  readonly certificate: TlsCertificate
  /** Who issued it, as found in the path that is being judged. */
  readonly issuer: TlsCertificate
  /** When the response has to be valid: a date, or a clock that wants to know for how long the verdict will hold. */
  readonly time: Date | VerificationClock
  /** Judges the certificate of a delegated responder. */
  readonly signatures: SignatureVerifier
}

/**
 * What `response` says about a certificate. Never throws: what cannot be read, is out of date, is about another
 * certificate or is not signed by the issuer or one it delegated to, is `invalid`. Nonces are ignored, since the client
 * of a stapled response sent none.
 *
 * @param response The DER of an OCSPResponse.
 */
export function checkOcspResponse(response: Uint8Array, options: OcspCheckOptions): OcspVerdict {
  if (response.length > MAXIMUM_RESPONSE_BYTES) return invalid('The OCSP response is too large.')
  try {
    const basic = decodeOcspResponse(response)
    return basic === null ? invalid('The OCSP responder gave no answer.') : checkBasicResponse(basic, options)
  } catch {
    return invalid('The OCSP response or a certificate it needs cannot be decoded.')
  }
}

function checkBasicResponse(basic: BasicOcspResponse, options: OcspCheckOptions): OcspVerdict {
  const { certificate, issuer } = options
  const clock = clockOf(options)
  const single = basic.responses.find(({ certId }) => matchesCertId(certId, certificate, issuer))
  if (single === undefined) return invalid('The OCSP response is about another certificate.')
  if ([...basic.extensions, ...single.extensions].some(({ critical }) => critical)) {
    return invalid('The OCSP response has a critical extension that is not known.')
  }
  const outOfTime = checkTimes(single, clock)
  if (outOfTime !== null) return invalid(outOfTime)
  if (!isSignedByResponder(basic, options, clock)) {
    return invalid('The OCSP response is not signed by the issuer of the certificate or a responder it delegated to.')
  }
  return verdictOf(single)
}

function clockOf({ time }: OcspCheckOptions): VerificationClock {
  return time instanceof VerificationClock ? time : new VerificationClock(time.getTime())
}

function checkTimes({ thisUpdate, nextUpdate }: OcspSingleResponse, clock: VerificationClock): string | null {
  const until = nextUpdate ?? thisUpdate + VALIDITY_WITHOUT_NEXT_UPDATE_MS
  if (clock.isBefore(thisUpdate - CLOCK_SKEW_MS)) return 'The OCSP response is not valid yet.'
  if (clock.isAfter(until + CLOCK_SKEW_MS)) return 'The OCSP response is out of date.'
  return null
}

const REASONS: Readonly<Record<OcspSingleResponse['status'], string>> = {
  good: 'The certificate is not revoked.',
  revoked: 'The issuer revoked the certificate.',
  unknown: 'The OCSP responder does not know the certificate.',
}

function verdictOf({ status, revokedAt }: OcspSingleResponse): OcspVerdict {
  return { status, reason: REASONS[status], revokedAt: revokedAt === null ? null : new Date(revokedAt) }
}

function invalid(reason: string): OcspVerdict {
  return { status: 'invalid', reason, revokedAt: null }
}
