/** The one internal of ssh2 that opaque-identities.ts needs. */
declare module 'ssh2/lib/protocol/utils.js' {
  const utils: { sendPacket(protocol: object, packet: Buffer): boolean };
  export default utils;
}
