/** Page → main: asks for a port to the core; the argument is the page's nonce. */
export const CONNECT_CHANNEL = 'slipway:connect';
/** Main → preload: the nonce, and the port beside it. */
export const PORT_CHANNEL = 'slipway:port';
