// What is known about the schemes of the web, and dot segments. Called by Uri and its printer.
// Upstream: glib/guri.c (normalize_port, should_normalize_empty_path, g_uri_get_default_scheme_port, remove_dot_segments).

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443, ftp: 21 }

/** -1 for a scheme without a well-known port. */
export function defaultSchemePort(scheme: string): number {
  if (scheme.startsWith('socks')) return 1080
  return (Object.hasOwn(DEFAULT_PORTS, scheme) ? DEFAULT_PORTS[scheme] : undefined) ?? -1
}

/** -1 when `port` is what `scheme` means anyway, else `port`. */
export function normalizePort(scheme: string, port: number): number {
  return port === defaultSchemePort(scheme) && !scheme.startsWith('socks') ? -1 : port
}

/** An empty path and `/` are the same in these schemes (RFC 9110 section 4.2.3). */
export function normalizePath(scheme: string, path: string): string {
  return path === '' && (scheme === 'http' || scheme === 'https' || scheme === 'ws' || scheme === 'wss') ? '/' : path
}

/**
 * Resolves `.` and `..` in a path: RFC 3986 section 5.2.4 (steps A to E in its order), in linear time. Each piece of
 * the output keeps the slash before it, so that removing a segment removes its slash too.
 */
export function removeDotSegments(path: string): string {
  if (!path.includes('.')) return path
  const output: string[] = []
  let at = 0
  while (at < path.length) {
    const restLength = path.length - at
    if (path.startsWith('../', at)) {
      at += 3
    } else if (path.startsWith('./', at)) {
      at += 2
    } else if (path.startsWith('/./', at)) {
      at += 2
    } else if (restLength === 2 && path.startsWith('/.', at)) {
      output.push('/')
      break
    } else if (path.startsWith('/../', at)) {
      at += 3
      output.pop()
    } else if (restLength === 3 && path.startsWith('/..', at)) {
      output.pop()
      output.push('/')
      break
    } else if ((restLength === 1 && path[at] === '.') || (restLength === 2 && path.startsWith('..', at))) {
      break
    } else {
      const slash = path.indexOf('/', at + 1)
      const next = slash < 0 ? path.length : slash
      output.push(path.slice(at, next))
      at = next
    }
  }
  return output.join('')
}
