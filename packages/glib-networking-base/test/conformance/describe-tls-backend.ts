// The one suite every TLS backend has to pass, written against the interface alone. A backend's own test file calls
// describeTlsBackend with its `load`; what it cannot do is listed there as data, with the reason.
import { describe } from 'vitest'
import type { LoadTlsBackend } from '@wpe-networking/glib-networking-base'
import { describeBulk } from './bulk.ts'
import { describeCertificates } from './certificates.ts'
import { describeClientCertificates } from './client-certificates.ts'
import { describeFaults } from './faults.ts'
import { describeHandshake } from './handshake.ts'
import { describeSessions } from './sessions.ts'

/** What a backend may be unable to do; the value is the reason. */
export interface ConformanceSkips {
  /** Notices that the peer vanished without close_notify. */
  readonly truncation?: string
  /** Resumes sessions. */
  readonly sessions?: string
  /** Asks clients for certificates. */
  readonly clientCertificates?: string
}

/** Runs the whole suite against the backend that `load` gives. */
export function describeTlsBackend(load: LoadTlsBackend, skips: ConformanceSkips = {}): void {
  describe('conformance', () => {
    describe('handshake', () => describeHandshake(load))
    describe('certificates', () => describeCertificates(load))
    describe.skipIf(skips.clientCertificates)('client certificates', () => describeClientCertificates(load))
    describe.skipIf(skips.sessions)('sessions', () => describeSessions(load))
    describe('faults', () => describeFaults(load, skips))
    describe('bulk', () => describeBulk(load))
  })
}
