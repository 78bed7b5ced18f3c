// The one suite every TLS backend has to pass, written against the interface alone. A backend's own test file calls
// describeTlsBackend with its `load`; what its library cannot do is listed there as data, with the reason, and is tested to
// be so, lest the list outlive the limit.
import { describe } from 'vitest'
import type { LoadTlsBackend } from '@wpe-networking/glib-networking-base'
import { describeBulk } from './bulk.ts'
import { describeCertificates } from './certificates.ts'
import { describeChains } from './chains/describe-chains.ts'
import { describeClientCertificates } from './client-certificates.ts'
import { describeFaults } from './faults.ts'
import { describeHandshake } from './handshake.ts'
import { describeSessions } from './sessions.ts'

/** What a backend's library may be unable to do; the value is the reason. */
export interface KnownLimits {
  /** Does not notice that the peer vanished without close_notify: the stream just ends. */
  readonly truncation?: string
}

/** Runs the whole suite against the backend that `load` gives. */
export function describeTlsBackend(load: LoadTlsBackend, limits: KnownLimits = {}): void {
  describe('conformance', () => {
    describe('handshake', () => describeHandshake(load))
    describe('certificates', () => describeCertificates(load))
    describe('chains', () => describeChains(load))
    describe('client certificates', () => describeClientCertificates(load))
    describe('sessions', () => describeSessions(load))
    describe('faults', () => describeFaults(load, limits))
    describe('bulk', () => describeBulk(load))
  })
}
