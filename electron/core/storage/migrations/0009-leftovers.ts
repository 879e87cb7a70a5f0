/** Transfers that have ended and whose parts at the far end are still to be removed; with `forget` the transfer goes off the list after that. */
export const sql = `
CREATE TABLE transfer_leftover (
  transfer_id TEXT PRIMARY KEY REFERENCES transfer (id) ON DELETE CASCADE,
  forget INTEGER NOT NULL CHECK (forget IN (0, 1))
) STRICT, WITHOUT ROWID;
`;
