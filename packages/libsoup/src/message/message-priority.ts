// Order in which waiting messages of one host get a connection. Upstream: libsoup/soup-message.h (SoupMessagePriority).

/** Higher goes first; equal priorities keep the order in which they were sent. */
export const MessagePriority = { VERY_LOW: 0, LOW: 1, NORMAL: 2, HIGH: 3, VERY_HIGH: 4 } as const
export type MessagePriority = (typeof MessagePriority)[keyof typeof MessagePriority]
