// The domain in what a user typed as name. Used by AuthNTLM.
// Upstream: libsoup/auth/soup-auth-ntlm.c (soup_auth_ntlm_authenticate).

/**
 * `DOMAIN\user` and `DOMAIN/user` in their parts; the domain is '' when there is none.
 *
 * `user@example.com` stays whole: what follows the @ is part of the account's name in Active Directory and need not be
 * the name of a domain.
 */
export function splitUserName(name: string): { readonly user: string; readonly domain: string } {
  const at = name.search(/[\\/]/)
  return at < 0 ? { user: name, domain: '' } : { user: name.slice(at + 1), domain: name.slice(0, at) }
}
