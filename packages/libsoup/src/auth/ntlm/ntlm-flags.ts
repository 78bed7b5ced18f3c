// What the two sides of an NTLM exchange agree on. MS-NLMP section 2.2.2.5; only the flags this client speaks of.

export const NtlmFlags = {
  /** Strings are UTF-16. */
  UNICODE: 0x0000_0001,
  /** The server shall name itself. */
  REQUEST_TARGET: 0x0000_0004,
  NTLM: 0x0000_0200,
  ALWAYS_SIGN: 0x0000_8000,
  EXTENDED_SESSIONSECURITY: 0x0008_0000,
  /** The challenge has AV pairs. */
  TARGET_INFO: 0x0080_0000,
} as const

/** What this client offers. No exchange of keys: nothing but the MIC is keyed here, by the key both sides derive. */
export const OFFERED_FLAGS =
  NtlmFlags.UNICODE |
  NtlmFlags.REQUEST_TARGET |
  NtlmFlags.NTLM |
  NtlmFlags.ALWAYS_SIGN |
  NtlmFlags.EXTENDED_SESSIONSECURITY
