import type { CoreClient } from '../../shared/contract/index.ts';

/** A connection to a core: one that runs already, or one started for this command. */
export interface CoreSession {
  readonly client: CoreClient;
  /** True when another process owns the core. */
  readonly attached: boolean;
  /** After the owner of the core has ended: attaches to the next one, or becomes it. `client` is another one then. */
  reconnect(): Promise<void>;
  close(): Promise<void>;
}

/** What the command line needs from outside; the entry provides it, tests provide their own. */
export interface CliContext {
  readonly stdout: (text: string | Uint8Array) => void;
  readonly stderr: (text: string) => void;
  /** Whether stderr is a terminal that progress can be drawn on, and its width in columns. */
  readonly terminal: { readonly width: number } | null;
  readonly cwd: string;
  /** A path of the command line as an absolute one. */
  readonly path: (path: string) => string;
  /**
   * Puts a question in the terminal; null = the person pressed Ctrl-C or closed the input, or `closed` took the question back. Null without a terminal: nobody
   * can be asked.
   */
  readonly ask: ((question: string, secret: boolean, closed: AbortSignal) => Promise<string | null>) | null;
  readonly version: string;
  /** Aborted on Ctrl-C and on termination. */
  readonly interrupted: AbortSignal;
  /** Attaches to the profile's core, or starts one in this process. */
  readonly openCore: (home: string | undefined) => Promise<CoreSession>;
  /** Attaches to the profile's core, starting one in the background when there is none, so that it outlives this command. */
  readonly openLastingCore: (home: string | undefined) => Promise<CoreSession>;
  /** Serves the app on 127.0.0.1 until interrupted; resolves when it has ended. */
  readonly serve: (options: { home: string | undefined; open: boolean; json: boolean }) => Promise<void>;
  readonly newId: () => string;
}

/** Options that every command takes. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly home?: string;
  readonly quiet?: boolean;
  /** Number of the file descriptor that the vault's passphrase is read from. */
  readonly passphraseFd?: string;
}
