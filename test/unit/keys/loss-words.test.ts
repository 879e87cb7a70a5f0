import { describe, expect, it } from 'vitest';
import { keyLossWords } from '../../../shared/domain/keys/loss-words.ts';

const CONFIRMED = { confirmed: true, usable: true };
const NOT_CONFIRMED = { confirmed: false, usable: true };
const GRACE = { text: 'age1qqqqqqqqqqqqqqqqqqqqqqqqqqqq', label: 'Grace' };

describe('what is said before a key is removed', () => {
  it('says that all is lost when nobody else can have it', () => {
    const words = keyLossWords({ name: 'turbine', generations: [NOT_CONFIRMED], recipients: [] }).join(' ');
    expect(words).toContain('is not confirmed');
    expect(words).toContain('everything encrypted to turbine is lost for good');
  });

  it('says which papers bring it back, and who may have it', () => {
    const confirmed = keyLossWords({ name: 'turbine', generations: [CONFIRMED], recipients: [] }).join(' ');
    expect(confirmed).toContain('Only its 24 words bring it back');
    expect(confirmed).not.toContain('not confirmed');
    const two = {
      name: 'turbine',
      generations: [NOT_CONFIRMED, CONFIRMED],
      recipients: [GRACE, { ...GRACE, label: null }],
    };
    const words = keyLossWords(two).join(' ');
    expect(words).toContain('1 of its 2 generations');
    expect(words).toContain('each of its 2 papers');
    expect(words).toContain('Grace, age1qqqqqqqq…');
  });
});
