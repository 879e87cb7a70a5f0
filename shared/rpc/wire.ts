/** Two-way channel that carries frames whole and in order. Implemented by MessagePort, WebSocket, local socket and in-process pairs. */
export interface Wire {
  /** Queues a frame. Never throws for a closed wire (the frame is dropped; `onClose` tells). Throws `unserializable` when the frame cannot be carried. */
  send(frame: unknown): void;
  /** Sets the one receiver; frames that came before are delivered at once. `null` takes it away: frames wait for the next one. */
  onMessage(receive: ((frame: unknown) => void) | null): void;
  /** Called once when the wire has closed, whichever side did it; soon, when it is closed already. */
  onClose(closed: () => void): void;
  close(): void;
}
