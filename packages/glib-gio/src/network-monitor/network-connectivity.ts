// How far the network reaches. Upstream: glib/gio/gioenums.h (GNetworkConnectivity).

/**
 * - `LOCAL`: no way to the internet.
 * - `LIMITED`, `PORTAL`: there is one, but it does not lead everywhere, or a login page is in the way. Nobody here finds
 *   that out; a monitor of your own may.
 * - `FULL`: there is a way to the internet.
 */
export const NetworkConnectivity = { LOCAL: 1, LIMITED: 2, PORTAL: 3, FULL: 4 } as const
export type NetworkConnectivity = (typeof NetworkConnectivity)[keyof typeof NetworkConnectivity]
