/** Jobs, runs, attempts, the append-only journal of run events, and drafts. Times are UTC milliseconds. */
export const sql = `
CREATE TABLE job (
  id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  site TEXT NOT NULL,
  folder TEXT NOT NULL,
  source TEXT NOT NULL,
  spec_text TEXT NOT NULL,
  plan TEXT NOT NULL,
  outputs TEXT NOT NULL,
  ready INTEGER NOT NULL DEFAULT 0,
  cancelling INTEGER NOT NULL DEFAULT 0,
  submitted_at INTEGER NOT NULL,
  finished_at INTEGER,
  removed_at INTEGER,
  total INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  running INTEGER NOT NULL DEFAULT 0,
  queued INTEGER NOT NULL DEFAULT 0,
  cancelled INTEGER NOT NULL DEFAULT 0,
  unknown INTEGER NOT NULL DEFAULT 0,
  wall_sum REAL NOT NULL DEFAULT 0,
  wall_count INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX job_by_time ON job (submitted_at DESC) WHERE removed_at IS NULL;

CREATE TABLE run (
  job_id TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  run INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  failure_kind TEXT,
  failure_message TEXT,
  exit_code INTEGER,
  wall_seconds REAL,
  inputs TEXT NOT NULL,
  outputs TEXT,
  problems TEXT,
  PRIMARY KEY (job_id, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_by_state ON run (job_id, state, run);

CREATE TABLE attempt (
  job_id TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  run INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  state TEXT NOT NULL,
  failure_kind TEXT,
  failure_message TEXT,
  exit_code INTEGER,
  wall_seconds REAL,
  peak_memory INTEGER,
  started_at INTEGER,
  ended_at INTEGER,
  PRIMARY KEY (job_id, run, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_event (
  id INTEGER PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  run INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  detail TEXT
) STRICT;
CREATE INDEX run_event_by_run ON run_event (job_id, run);

CREATE TABLE request (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE draft (
  id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  folder TEXT NOT NULL,
  owned INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  spec_text TEXT NOT NULL,
  edited INTEGER NOT NULL
) STRICT;
`;
