import type { Client, Handlers } from '../rpc/procedure.ts';
import { buckets } from './buckets.ts';
import { connections } from './connections.ts';
import { drafts } from './drafts.ts';
import { files } from './files.ts';
import { jobs } from './jobs.ts';
import { keys } from './keys.ts';
import { places } from './places.ts';
import { secrets } from './secrets.ts';
import { sites } from './sites.ts';
import { system } from './system.ts';
import { transfers } from './transfers.ts';

/** Everything the core serves, on every wire. */
export const contract = { system, sites, connections, jobs, drafts, files, places, transfers, secrets, keys, buckets };

export type CoreContract = typeof contract;
/** What the renderer and the CLI hold. */
export type CoreClient = Client<CoreContract>;
/** What the core implements. */
export type CoreHandlers = Handlers<CoreContract>;
