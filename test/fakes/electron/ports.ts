import { EventEmitter } from 'node:events';

/** Between two processes (or a process and a page): a message on a port, or its end. */
export type PortMessage =
  | { readonly port: number; readonly kind: 'message'; readonly data: unknown }
  | { readonly port: number; readonly kind: 'close' };

/** Electron's `MessagePortMain`. Messages wait until `start`; `close` tells that the other end has gone. */
export class MessagePortMain extends EventEmitter {
  #partner: MessagePortMain | null = null;
  #away: ((message: { kind: 'message'; data: unknown } | { kind: 'close' }) => void) | null = null;
  readonly #queue: unknown[] = [];
  #started = false;
  #closed = false;

  entangle(partner: MessagePortMain): void {
    this.#partner = partner;
  }

  postMessage(message: unknown): void {
    if (this.#closed || this.#away !== null) return;
    const copy = structuredClone(message);
    const partner = this.#partner;
    setImmediate(() => partner?.receive(copy));
  }

  start(): void {
    this.#started = true;
    for (const data of this.#queue.splice(0)) this.emit('message', { data, ports: [] });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const partner = this.#partner;
    setImmediate(() => partner?.partnerClosed());
  }

  receive(data: unknown): void {
    if (this.#closed) return;
    if (this.#away !== null) this.#away({ kind: 'message', data });
    else if (this.#started) this.emit('message', { data, ports: [] });
    else this.#queue.push(data);
  }

  partnerClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#away !== null) this.#away({ kind: 'close' });
    else this.emit('close');
  }

  /** This end now lives elsewhere: what it gets goes there by `send`; the result takes what comes from there. */
  moveAway(send: (message: { kind: 'message'; data: unknown } | { kind: 'close' }) => void): {
    received(data: unknown): void;
    closed(): void;
  } {
    if (this.#away !== null) throw new Error('The port has been transferred already.');
    this.#away = send;
    // After the envelope that tells the other side of the port, which is sent in this same turn.
    queueMicrotask(() => {
      for (const data of this.#queue.splice(0)) send({ kind: 'message', data });
    });
    return { received: (data) => this.#partner?.receive(data), closed: () => this.close() };
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain();
  readonly port2 = new MessagePortMain();

  constructor() {
    this.port1.entangle(this.port2);
    this.port2.entangle(this.port1);
  }
}

/** Ports that have been transferred over one line. */
export class PortBridge {
  readonly #send: (message: PortMessage) => void;
  readonly #ports = new Map<number, { received(data: unknown): void; closed(): void }>();
  #lastId = 0;

  constructor(send: (message: PortMessage) => void) {
    this.#send = send;
  }

  /** Transfers a port to the other side; it is known there by the number. */
  give(port: MessagePortMain): number {
    const id = ++this.#lastId;
    this.#move(port, id);
    return id;
  }

  /** The port that the other side gave. */
  take(id: number): MessagePortMain {
    const { port1, port2 } = new MessageChannelMain();
    this.#move(port2, id);
    return port1;
  }

  heard(message: PortMessage): void {
    const port = this.#ports.get(message.port);
    if (message.kind === 'message') port?.received(message.data);
    else {
      this.#ports.delete(message.port);
      port?.closed();
    }
  }

  /** The other side has gone. */
  closeAll(): void {
    for (const port of this.#ports.values()) port.closed();
    this.#ports.clear();
  }

  #move(port: MessagePortMain, id: number): void {
    const link = port.moveAway((message) => this.#send({ ...message, port: id }));
    this.#ports.set(id, link);
  }
}
