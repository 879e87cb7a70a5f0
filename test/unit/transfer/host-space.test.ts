import { describe, expect, test } from 'vitest';
import { readSpaces } from '../../../electron/core/transfer/ends/ssh/host-space.ts';

const KIB = 1024;

describe('room on a host', () => {
  test('is read from df, with spaces in its names', () => {
    const text = `slipway-df
Filesystem     1024-blocks      Used Available Capacity Mounted on
//srv/my share    41019616  18000000  20916668      47% /mnt/my share
`;
    expect(readSpaces(text)).toEqual([{ freeBytes: 20916668 * KIB, freeFiles: null }]);
  });

  test('is what a quota leaves, by its soft and hard limits', () => {
    const text = `slipway-quota
Disk quotas for user me (uid 1000):
     Filesystem  blocks   quota   limit   grace   files   quota   limit   grace
       /dev/sda1    400    1000    1200             10       0      50
     /dev/mapper/x  900*    800    1200   6days     60*     50     100   7days
      /dev/free     900       0       0              5       0       0
`;
    expect(readSpaces(text)).toEqual([
      { freeBytes: 600 * KIB, freeFiles: 40 },
      { freeBytes: 0, freeFiles: 0 },
      { freeBytes: null, freeFiles: null },
    ]);
  });

  test('is read from lfs quota, and anything else tells nothing', () => {
    const text = `slipway-lfs
      /scratch   52340*      0  60000       -      12       0     100       -
slipway-quota
quota: cannot reach server
none
`;
    expect(readSpaces(text)).toEqual([{ freeBytes: 7660 * KIB, freeFiles: 88 }]);
    expect(readSpaces('')).toEqual([]);
  });
});
