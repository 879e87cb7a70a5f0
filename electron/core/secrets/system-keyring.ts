/** The keyring of the person's session (Keychain, DPAPI, libsecret, KWallet), where the shell lends one. Never one that only scrambles. */
export interface SystemKeyring {
  /** Whether it really encrypts, now; `reason` says why not. */
  look(): Promise<{ readonly usable: boolean; readonly name: string; readonly reason: string | null }>;
  /** Ciphertext as base64, which only this person on this machine can open. */
  seal(text: string): Promise<string>;
  /** @throws when it was sealed by another keyring, or is damaged */
  unseal(sealed: string): Promise<string>;
}
