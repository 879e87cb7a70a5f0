import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import { AppError } from '../../../shared/errors.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';
import { printableText } from '../ssh/sign-in-prompts.ts';

/**
 * Makes the work folder of a site and proves that files can be written, renamed and removed there.
 * @throws AppError `site/refused` with what the host says; RemoteError when the host does not answer
 */
export async function tryWorkdir(host: RemoteHost, workdir: string, signal: AbortSignal): Promise<void> {
  const quoted = shellQuote(workdir);
  const script = `mkdir -p ${quoted} && cd ${quoted} && t=.slipway-try.$$ && echo try >"$t" && mv "$t" "$t.2" && rm "$t.2"`;
  const { code, stderr } = await host.run(script, { signal });
  if (code === 0) return;
  const why = printableText(stderr).trim().split('\n').at(-1) ?? '';
  throw new AppError(
    'site/refused',
    `The work folder ${workdir} cannot be used: ${why === '' ? `the host ended the try with ${code}` : why}. Choose another work folder.`,
  );
}
