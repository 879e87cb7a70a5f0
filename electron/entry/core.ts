import { parseArgs } from 'node:util';
import { isBusy } from '../../shared/domain/unfinished.ts';
import { openCore, profileOf } from './open-core.ts';
import { parentPort, serveUtilityProcess } from './utility-core.ts';

/** A background core ends when no job and no transfer has had anything to do, and nobody has been attached, for this long. */
const IDLE_MS = 3000;

const { values } = parseArgs({ options: { home: { type: 'string' }, background: { type: 'boolean' } } });

/** Keeps a profile's jobs going after the command that started them has returned. */
async function runAlone(): Promise<void> {
  const core = await openCore(profileOf(values.home));

  let ending = false;
  async function end(): Promise<void> {
    if (ending) return;
    ending = true;
    await core.close();
    process.exit(0);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end());

  if (core.attached) await end();
  else if (values.background === true) {
    let idleSince = Date.now();
    setInterval(() => {
      if (isBusy(core.unfinished()) || core.guests() > 0) idleSince = Date.now();
      else if (Date.now() - idleSince > IDLE_MS) void end();
    }, 500);
  }
}

const parent = parentPort();
if (parent === null) await runAlone();
else serveUtilityProcess(parent, (host) => openCore(profileOf(values.home), host));
