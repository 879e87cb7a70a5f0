import { sql as jobs } from './0001-jobs.ts';
import { sql as sites } from './0002-sites.ts';
import { sql as cancels } from './0003-cancels.ts';
import { sql as keys } from './0004-keys.ts';
import { sql as buckets } from './0005-buckets.ts';
import { sql as transfers } from './0006-transfers.ts';
import { sql as envelopes } from './0007-envelopes.ts';
import { sql as sentContents } from './0008-sent-contents.ts';
import { sql as leftovers } from './0009-leftovers.ts';
import { sql as jobMoves } from './0010-job-moves.ts';

export interface Migration {
  /** 1, 2, 3 … without gaps; becomes `user_version`. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** In order. A static list, so that bundling cannot lose one. A migration that has shipped is never edited: its hash is checked. */
export const STATE_MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'jobs', sql: jobs },
  { version: 2, name: 'sites', sql: sites },
  { version: 3, name: 'cancels', sql: cancels },
  { version: 4, name: 'keys', sql: keys },
  { version: 5, name: 'buckets', sql: buckets },
  { version: 6, name: 'transfers', sql: transfers },
  { version: 7, name: 'envelopes', sql: envelopes },
  { version: 8, name: 'sent-contents', sql: sentContents },
  { version: 9, name: 'leftovers', sql: leftovers },
  { version: 10, name: 'job-moves', sql: jobMoves },
];
