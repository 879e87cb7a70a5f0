/** What the journal keeps of a large file that is encrypted while it is sent (seal.ts): with it the same ciphertext can be made again. No secrets. */
export const sql = `
ALTER TABLE transfer_file ADD COLUMN envelope TEXT;
`;
