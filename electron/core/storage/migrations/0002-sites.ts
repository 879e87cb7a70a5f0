/** Remote sites, submissions (arrays at a scheduler), and where an attempt ran. `submission.detail` and the other JSON columns are read by submission-store.ts. */
export const sql = `
CREATE TABLE site (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  settings TEXT NOT NULL,
  probe TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  probed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE submission (
  token TEXT PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  site TEXT NOT NULL,
  number INTEGER NOT NULL,
  state TEXT NOT NULL,
  try INTEGER NOT NULL,
  runs TEXT NOT NULL,
  attempts TEXT NOT NULL,
  first INTEGER NOT NULL,
  memory_bytes INTEGER,
  walltime_seconds REAL NOT NULL,
  ids TEXT NOT NULL,
  since INTEGER,
  tried_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX submission_by_job ON submission (job_id, number);

ALTER TABLE attempt ADD COLUMN token TEXT;
ALTER TABLE attempt ADD COLUMN scheduler_id TEXT;
ALTER TABLE attempt ADD COLUMN node TEXT;
ALTER TABLE attempt ADD COLUMN restarts INTEGER NOT NULL DEFAULT 0;
`;
