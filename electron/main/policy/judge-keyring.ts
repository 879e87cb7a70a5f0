const NAMES: Record<string, string> = {
  gnome_libsecret: 'the GNOME keyring',
  kwallet: 'KWallet',
  kwallet5: 'KWallet',
  kwallet6: 'KWallet',
};

/**
 * Whether Electron's `safeStorage` really encrypts. On Linux it may fall back to a key that is the same everywhere (`basic_text`).
 * @param backend what `getSelectedStorageBackend` says; null where there is only one
 */
export function judgeKeyring(
  platform: NodeJS.Platform,
  available: boolean,
  backend: string | null,
): { usable: boolean; name: string; reason: string | null } {
  const name =
    platform === 'darwin'
      ? 'the Keychain'
      : platform === 'win32'
        ? "Windows' data protection"
        : (NAMES[backend ?? ''] ?? 'the keyring');
  if (platform === 'linux' && NAMES[backend ?? ''] === undefined)
    return { usable: false, name, reason: 'This session has no keyring that Slipway can use.' };
  if (!available) return { usable: false, name, reason: `The system says that ${name} is not available.` };
  return { usable: true, name, reason: null };
}
