/** Runs of a submission that a person wants to end, written down before the site is told. JSON, read by submission-store.ts. */
export const sql = `
ALTER TABLE submission ADD COLUMN cancels TEXT NOT NULL DEFAULT '[]';
`;
