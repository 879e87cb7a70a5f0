/** Contents of large files that were sent to an end, so that the same file need not be hashed to ask whether the end still has them. */
export const sql = `
CREATE TABLE sent_content (
  end_name TEXT NOT NULL,
  source TEXT NOT NULL,
  mark TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  PRIMARY KEY (end_name, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_content_by_time ON sent_content (sent_at);
`;
