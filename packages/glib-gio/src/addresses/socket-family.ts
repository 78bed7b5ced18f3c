// Kinds of socket addresses. Upstream: glib/gio/gioenums.h (GSocketFamily).

/** The values are Linux's, as upstream's are the platform's. `INVALID` also means "any". */
export const SocketFamily = { INVALID: 0, UNIX: 1, IPV4: 2, IPV6: 10 } as const
export type SocketFamily = (typeof SocketFamily)[keyof typeof SocketFamily]
