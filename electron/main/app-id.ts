/** Known to the systems under this name (Windows taskbar and notifications, macOS bundle). The installer uses the same; it never changes. */
export const APP_ID = 'dev.slipway.desktop';
