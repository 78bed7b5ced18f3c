// Why a message of an NTLM server is not used. Thrown by the parsers of this folder, caught by AuthNTLM, which gives the
// scheme up for that connection.

/** A message that is no well-formed CHALLENGE_MESSAGE, or asks for what this client does not do. */
export class NtlmError extends Error {
  override readonly name = 'NtlmError'
  readonly domain = 'soup-ntlm-error-quark'
  readonly code = 'BAD_CHALLENGE'
}
