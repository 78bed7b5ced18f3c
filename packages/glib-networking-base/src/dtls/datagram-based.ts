// Whatever carries datagrams to and from one peer: what a DTLS connection runs over, and what it is itself.
// Upstream: glib/gio/gdatagrambased.c.

/** Told what arrives; there is one per {@link DatagramBased}. */
export interface DatagramReceiver {
  /** One datagram, whole. Its bytes must not be changed, and are the receiver's to keep. */
  onDatagram(datagram: Buffer): void
  /** Something failed for good; `onClose` follows. */
  onError(error: Error): void
  /** The last call. */
  onClose(): void
}

/** Datagrams of one peer. They may get lost, doubled or out of order on the way. */
export interface DatagramBased {
  /** Sends one datagram; that it was lost is not told. Does nothing once closed. */
  send(datagram: Uint8Array): void
  /** Begins to receive. To be called once; what came before is delivered first. */
  receive(receiver: DatagramReceiver): void
  /** Stops receiving and lets go of everything; idempotent. */
  close(): void
}
