import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { UtilityMessage } from './parent-port.ts';
import type { MessagePortMain } from './ports.ts';
import { PortBridge } from './ports.ts';

const PARENT_PORT = fileURLToPath(new URL('./parent-port.ts', import.meta.url));
const running = new Set<ChildProcess>();

class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  readonly #bridge: PortBridge;

  constructor(script: string, args: readonly string[]) {
    super();
    const child = fork(script, args, {
      execArgv: ['--import', PARENT_PORT],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const send = (message: UtilityMessage): void => void (child.connected && child.send(message));
    const bridge = new PortBridge((message) => send({ kind: 'port', message }));
    this.#child = child;
    this.#bridge = bridge;
    running.add(child);
    // What is sent to a process that has just died is lost; its exit tells.
    child.on('error', () => undefined);
    child.on('spawn', () => this.emit('spawn'));
    child.on('message', (received: UtilityMessage) => {
      if (received.kind === 'port') bridge.heard(received.message);
      else this.emit('message', received.message);
    });
    child.on('exit', (code, signal) => {
      running.delete(child);
      bridge.closeAll();
      this.emit('exit', code ?? (signal === 'SIGKILL' ? 9 : 15));
    });
  }

  get pid(): number | undefined {
    return this.#child.exitCode === null ? this.#child.pid : undefined;
  }
  get stdout() {
    return this.#child.stdout;
  }
  get stderr() {
    return this.#child.stderr;
  }

  postMessage(message: unknown, transfer: readonly MessagePortMain[] = []): void {
    const ports = transfer.map((port) => this.#bridge.give(port));
    const envelope: UtilityMessage = { kind: 'parent', message, ports };
    if (this.#child.connected) this.#child.send(envelope);
  }

  kill(): boolean {
    return this.#child.kill();
  }
}

export const utilityProcess = {
  fork: (script: string, args: readonly string[] = []) => new UtilityProcess(script, args),
};

/** For the end of the app, which no utility process outlives. */
export function killUtilityProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}
