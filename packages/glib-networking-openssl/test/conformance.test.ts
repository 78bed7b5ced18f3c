// The suite every TLS backend passes, against OpenSSL.
import { describeTlsBackend } from '../../glib-networking-base/test/conformance/describe-tls-backend.ts'
import { load } from '../src/index.ts'

describeTlsBackend(load, {
  limits: {
    certificateRequest:
      'node:tls cannot be stopped when a server asks for a certificate, nor does it give its authorities',
  },
})
