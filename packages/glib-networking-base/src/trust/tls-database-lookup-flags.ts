// What a look-up in a TlsDatabase is limited to.
// Upstream: glib/gio/gioenums.h (GTlsDatabaseLookupFlags).

/** Not a set of bits: one of them. */
export const TlsDatabaseLookupFlags = {
  /** Any certificate. */
  NONE: 0,
  /** Only certificates whose private key the database has, too. */
  KEYPAIR: 1,
} as const
export type TlsDatabaseLookupFlags = (typeof TlsDatabaseLookupFlags)[keyof typeof TlsDatabaseLookupFlags]
