import type { CoreHandlers } from '../../../shared/contract/index.ts';
import type { CoreServices } from '../services.ts';
import { bucketsHandlers } from './buckets-api.ts';
import { connectionsHandlers } from './connections-api.ts';
import { draftHandlers } from './drafts-api.ts';
import { filesHandlers } from './files-api.ts';
import { jobsHandlers } from './jobs-api.ts';
import { keysHandlers } from './keys-api.ts';
import { placesHandlers } from './places-api.ts';
import { secretsHandlers } from './secrets-api.ts';
import { sitesHandlers } from './sites-api.ts';
import { systemHandlers } from './system-api.ts';
import { transfersHandlers } from './transfers-api.ts';

/** The implementation of the contract: each handler takes parsed input and delegates. */
export function coreHandlers(services: CoreServices): CoreHandlers {
  return {
    system: systemHandlers(services),
    sites: sitesHandlers(services),
    connections: connectionsHandlers(services),
    jobs: jobsHandlers(services),
    drafts: draftHandlers(services),
    files: filesHandlers(services),
    places: placesHandlers(services),
    transfers: transfersHandlers(services),
    secrets: secretsHandlers(services),
    keys: keysHandlers(services),
    buckets: bucketsHandlers(services),
  };
}
