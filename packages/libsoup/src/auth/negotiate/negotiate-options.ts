// What callers may choose of Negotiate; upstream has only the two environment variables. Taken by AuthNegotiate.

export interface AuthNegotiateOptions {
  /** Gives servers the user's ticket, so that they can act in the user's name; default false. */
  readonly delegate?: boolean
  /**
   * Fails a message whose response (below 400) does not prove that the server knows the service's key. Default: true for
   * servers, false for proxies, since squid never proves it. Without it responses may lack a proof; a proof that is wrong
   * is never taken.
   */
  readonly requireMutualAuthentication?: boolean
  /** Longest time the Kerberos library may take for one step, in ms; default 30,000. */
  readonly timeoutMs?: number
  /** Default: those of the environment variable SOUP_GSSAPI_TRUSTED_URIS; without any, all over TLS. */
  readonly trustedUris?: readonly string[]
  /** Default: those of the environment variable SOUP_GSSAPI_BLOCKLISTED_URIS. */
  readonly blocklistedUris?: readonly string[]
}
