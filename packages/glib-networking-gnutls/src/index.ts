/**
 * The public face of glib-networking-gnutls: glib-gio loads it by its `load`, as GIO loads a module.
 *
 * @module glib-networking-gnutls
 */

export { createBackend, load, type TlsBackendGnutls } from './tls-backend-gnutls.ts'
export type { GnutlsHandles } from './gnutls-runtime.ts'
