import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { messagePortWire } from '../../electron/transports/message-port.ts';

/** Shaped like Electron's MessagePortMain: an emitter of events, silent until `start()`. */
class MainPort extends EventEmitter {
  readonly posted: unknown[] = [];
  started = false;
  closes = 0;
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
  start(): void {
    this.started = true;
  }
  close(): void {
    this.closes += 1;
  }
}

describe('message port of Electron', () => {
  it('gives the data of its events, in order, also of those that came before the receiver', () => {
    const port = new MainPort();
    const wire = messagePortWire(port);
    expect(port.started).toBe(true);
    port.emit('message', { data: { n: 1 }, ports: [] });
    const got: unknown[] = [];
    wire.onMessage((frame) => got.push(frame));
    port.emit('message', { data: { n: 2 }, ports: [] });
    expect(got).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('never posts what cannot be cloned: that has closed such ports', () => {
    const port = new MainPort();
    const wire = messagePortWire(port);
    expect(() => wire.send({ value: () => 1 })).toThrow(expect.objectContaining({ code: 'unserializable' }));
    wire.send({ value: new Uint8Array([1]) });
    expect(port.posted).toEqual([{ value: new Uint8Array([1]) }]);
  });

  it('closes once, whoever begins, and drops what is sent afterwards', async () => {
    const port = new MainPort();
    const wire = messagePortWire(port);
    let closed = 0;
    wire.onClose(() => (closed += 1));
    port.emit('close');
    wire.close();
    wire.send({ late: true });
    await Promise.resolve();
    expect({ closed, closes: port.closes, posted: port.posted }).toEqual({ closed: 1, closes: 0, posted: [] });
    await new Promise<void>((resolve) => wire.onClose(resolve));

    const other = new MainPort();
    messagePortWire(other).close();
    expect(other.closes).toBe(1);
  });
});
