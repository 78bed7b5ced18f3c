// The suite every TLS backend passes, against GnuTLS; there is nothing its library cannot do.
import { describeTlsBackend } from '../../glib-networking-base/test/conformance/describe-tls-backend.ts'
import { load } from '../src/index.ts'

describeTlsBackend(load, { openHandles: () => load().handles.sessions })
