/**
 * The public face of glib-networking-openssl: the backend, under the two names it is asked for by.
 *
 * @module glib-networking-openssl
 */

export { load, opensslBackend } from './openssl-backend.ts'
