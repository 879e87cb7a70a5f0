/** Transfers that belong to a job: their files and pieces are journaled like those of any other, and the job begins, shows and ends them. */
export const sql = `
ALTER TABLE transfer ADD COLUMN job TEXT REFERENCES job (id) ON DELETE CASCADE;
CREATE INDEX transfer_by_job ON transfer (job) WHERE job IS NOT NULL;
`;
