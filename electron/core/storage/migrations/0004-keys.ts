/** Keys of projects. The secret halves are age files that only this device and the recipients can open; nothing here is a secret. */
export const sql = `
CREATE TABLE project_key (
  name TEXT PRIMARY KEY,
  recipients TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE project_key_generation (
  key TEXT NOT NULL REFERENCES project_key (name) ON DELETE CASCADE,
  generation INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  public_key TEXT NOT NULL,
  sealed TEXT NOT NULL,
  device TEXT NOT NULL,
  confirmed_at INTEGER,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (key, generation)
) STRICT;
`;
