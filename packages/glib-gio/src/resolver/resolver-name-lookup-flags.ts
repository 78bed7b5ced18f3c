// Which families to look for. Upstream: glib/gio/gioenums.h (GResolverNameLookupFlags).

/** Bits to be or-ed. */
export const ResolverNameLookupFlags = { DEFAULT: 0, IPV4_ONLY: 1, IPV6_ONLY: 2 } as const
export type ResolverNameLookupFlags = number
