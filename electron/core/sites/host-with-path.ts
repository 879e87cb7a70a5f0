import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';

/**
 * The same host, whose scripts find the programs of a login shell and the variables that these need: schedulers are often on no other PATH. What the sign-in
 * gives stays in front.
 */
export function hostWithPath(
  host: RemoteHost,
  path: string,
  environment: Readonly<Record<string, string>> = {},
): RemoteHost {
  const prefix = `PATH="$PATH":${shellQuote(path)}; export PATH\n${defaultVariables(environment)}`;
  return {
    name: host.name,
    get status() {
      return host.status;
    },
    onStatus: (listener) => host.onStatus(listener),
    connect: (ask, signal) => host.connect(ask, signal),
    run: (script, options) => host.run(prefix + script, options),
    exec: (script, options) => host.exec(prefix + script, options),
    sftp: (options) => host.sftp(options),
    wake: () => host.wake(),
    disconnect: () => host.disconnect(),
    dispose: () => host.dispose(),
  };
}

/** Script lines that set variables which the sign-in did not give. */
export function defaultVariables(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]) => `[ -n "\${${name}:-}" ] || ${name}=${shellQuote(value)}; export ${name}\n`)
    .join('');
}
