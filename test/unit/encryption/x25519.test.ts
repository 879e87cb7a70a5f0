import { describe, expect, it } from 'vitest';
import { CURVE_MATHS, curveMath } from '../../../electron/core/encryption/x25519.ts';

const [openssl, noble] = CURVE_MATHS as [(typeof CURVE_MATHS)[number], (typeof CURVE_MATHS)[number]];

describe('both ways to reckon on Curve25519', () => {
  it('agree with each other', () => {
    for (let i = 0; i < 20; i++) {
      const [a, b] = [openssl.newKeyPair(), noble.newKeyPair()];
      const shared = Buffer.from(openssl.sharedSecret(a.secret, b.point));
      for (const math of CURVE_MATHS) {
        expect(shared.equals(math.sharedSecret(b.secret, a.point))).toBe(true);
        expect(shared.equals(math.sharedSecret(a.secret, b.point))).toBe(true);
      }
    }
  });

  it('refuse points of low order', () => {
    for (const math of CURVE_MATHS)
      for (const point of [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31))])
        expect(() => math.sharedSecret(math.newKeyPair().secret, point)).toThrow();
  });

  it('are chosen by what the runtime has', () => {
    expect(curveMath.name).toBe('openssl');
  });
});
