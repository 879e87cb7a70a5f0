/**
 * Transfers: what was asked for, the work that a plan found (one row per file, folder, link or thing to delete), the pieces of large files that the far side has
 * acknowledged, and what went wrong; and folders that are kept in step. JSON columns are read by transfer-store.ts and watch-store.ts.
 */
export const sql = `
CREATE TABLE transfer (
  id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  request TEXT NOT NULL,
  direction TEXT NOT NULL,
  priority TEXT NOT NULL,
  state TEXT NOT NULL,
  message TEXT,
  hint TEXT,
  plan TEXT,
  total_files INTEGER NOT NULL DEFAULT 0,
  total_bytes INTEGER NOT NULL DEFAULT 0,
  arrived_files INTEGER NOT NULL DEFAULT 0,
  arrived_bytes INTEGER NOT NULL DEFAULT 0,
  reused_bytes INTEGER NOT NULL DEFAULT 0,
  problem_count INTEGER NOT NULL DEFAULT 0,
  conflict_count INTEGER NOT NULL DEFAULT 0,
  watch TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;

CREATE TABLE transfer_file (
  id INTEGER PRIMARY KEY,
  transfer_id TEXT NOT NULL REFERENCES transfer (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  action TEXT NOT NULL,
  source_root INTEGER NOT NULL,
  source_path TEXT NOT NULL,
  target_path TEXT NOT NULL,
  size INTEGER NOT NULL,
  modified_at REAL,
  mode INTEGER,
  mark TEXT,
  link_target TEXT,
  target_size INTEGER,
  target_modified_at REAL,
  ticket TEXT,
  sha256 TEXT,
  md5 TEXT,
  tries INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX transfer_file_by_state ON transfer_file (transfer_id, state, kind, id);

CREATE TABLE transfer_piece (
  file_id INTEGER NOT NULL REFERENCES transfer_file (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  receipt TEXT NOT NULL,
  PRIMARY KEY (file_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE transfer_problem (
  id INTEGER PRIMARY KEY,
  transfer_id TEXT NOT NULL REFERENCES transfer (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  severity TEXT NOT NULL,
  message TEXT NOT NULL,
  hint TEXT
) STRICT;
CREATE INDEX transfer_problem_by_transfer ON transfer_problem (transfer_id, id);

CREATE TABLE folder_watch (
  id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  request TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  in_step_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE transfer_limit (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  bytes_per_second INTEGER
) STRICT;
`;
