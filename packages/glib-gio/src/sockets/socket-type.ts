// What kind of socket a SocketClient makes. Upstream: glib/gio/gioenums.h (GSocketType, GSocketProtocol).

/** Linux's numbers, as upstream's. Connections are made of `STREAM` alone; `DatagramSocket` is for datagrams. */
export const SocketType = { INVALID: 0, STREAM: 1, DATAGRAM: 2, SEQPACKET: 3 } as const
export type SocketType = (typeof SocketType)[keyof typeof SocketType]

/** IANA's numbers. `DEFAULT` is what goes with the address: TCP, or nothing for a Unix socket. */
export const SocketProtocol = { UNKNOWN: -1, DEFAULT: 0, TCP: 6, UDP: 17, SCTP: 132 } as const
export type SocketProtocol = (typeof SocketProtocol)[keyof typeof SocketProtocol]
