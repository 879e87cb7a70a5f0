/**
 * Buckets of the customer, and uploads in parts that were begun there and are not known to have ended. JSON columns are read by s3/stored-bucket.ts. No secrets
 * are here.
 */
export const sql = `
CREATE TABLE bucket (
  name TEXT PRIMARY KEY,
  target TEXT NOT NULL,
  credentials TEXT NOT NULL,
  capabilities TEXT,
  checked_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE bucket_upload (
  bucket TEXT NOT NULL REFERENCES bucket (name) ON DELETE CASCADE,
  key TEXT NOT NULL,
  transfer TEXT NOT NULL,
  upload_id TEXT,
  begun_at INTEGER NOT NULL,
  PRIMARY KEY (bucket, key, transfer)
) STRICT;
`;
