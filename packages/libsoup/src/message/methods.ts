// Request methods by name, RFC 9110 section 9, RFC 5789 (PATCH) and RFC 4918 (WebDAV). For callers of Message.
// Upstream: libsoup/soup-method.h.

export const METHOD_OPTIONS = 'OPTIONS'
export const METHOD_GET = 'GET'
export const METHOD_HEAD = 'HEAD'
export const METHOD_POST = 'POST'
export const METHOD_PUT = 'PUT'
export const METHOD_DELETE = 'DELETE'
export const METHOD_TRACE = 'TRACE'
export const METHOD_CONNECT = 'CONNECT'
export const METHOD_PATCH = 'PATCH'
export const METHOD_PROPFIND = 'PROPFIND'
export const METHOD_PROPPATCH = 'PROPPATCH'
export const METHOD_MKCOL = 'MKCOL'
export const METHOD_COPY = 'COPY'
export const METHOD_MOVE = 'MOVE'
export const METHOD_LOCK = 'LOCK'
export const METHOD_UNLOCK = 'UNLOCK'
