// The suite every TLS backend passes, against OpenSSL.
import { describeTlsBackend } from '../../glib-networking-base/test/conformance/describe-tls-backend.ts'
import { load } from '../src/index.ts'

describeTlsBackend(load, {
  truncation: 'Node reports the end of the stream alike with and without close_notify (it ignores unexpected EOF)',
})
