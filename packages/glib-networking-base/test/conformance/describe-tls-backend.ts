// The one suite every TLS backend has to pass, written against the interface alone. A backend's own test file calls
// describeTlsBackend with its `load`; what its library cannot do is listed there as data, with the reason, and is tested to
// be so, lest the list outlive the limit.
import { describe } from 'vitest'
import type { LoadTlsBackend } from '@wpe-networking/glib-networking-base'
import { describeBulk } from './bulk.ts'
import { describeCancellation } from './cancellation.ts'
import { describeCertificateRequests } from './certificate-requests.ts'
import { describeCertificates } from './certificates.ts'
import { describeChannelBindings } from './channel-bindings.ts'
import { describeChains } from './chains/describe-chains.ts'
import { describeClientCertificates } from './client-certificates.ts'
import { describeClosing } from './closing.ts'
import { describeFaults } from './faults.ts'
import { describeHandshake } from './handshake.ts'
import { describeIdentities } from './identities.ts'
import { describeOwnCertificates } from './own-certificates.ts'
import { describeRecords } from './records.ts'
import { describeSessions } from './sessions.ts'

/** What a backend's library may be unable to do; the value is the reason. */
export interface KnownLimits {
  /** Does not tell in the middle of the handshake whether, and from which authorities, the server wants a certificate. */
  readonly certificateRequest?: string
}

export interface ConformanceOptions {
  readonly limits?: KnownLimits
  /** How many connections the library has open, for one that counts them; Node's sockets are counted anyway. */
  readonly openHandles?: () => number
}

/** Runs the whole suite against the backend that `load` gives. */
export function describeTlsBackend(load: LoadTlsBackend, options: ConformanceOptions = {}): void {
  const { limits = {}, openHandles = () => 0 } = options
  describe('conformance', () => {
    describe('handshake', () => describeHandshake(load))
    describe('certificates', () => describeCertificates(load))
    describe('identities', () => describeIdentities(load))
    describe('chains', () => describeChains(load))
    describe('client certificates', () => describeClientCertificates(load))
    describe('certificate requests', () => describeCertificateRequests(load, limits))
    describe('own certificates', () => describeOwnCertificates(load))
    describe('sessions', () => describeSessions(load))
    describe('channel bindings', () => describeChannelBindings(load))
    describe('faults', () => describeFaults(load))
    describe('cancellation', () => describeCancellation(load, openHandles))
    describe('closing', () => describeClosing(load))
    describe('records', () => describeRecords(load))
    describe('bulk', () => describeBulk(load))
  })
}
