import { join } from 'node:path';
import { writeFiles } from '../support/job-folder.ts';
import type { S3User } from './radosgw.ts';

/** Sign-in by a profile. */
export interface ProfileSignIn {
  readonly from: 'profile';
  readonly profile: string;
  readonly configFile: string;
  readonly credentialsFile: string;
}

/** AWS configuration files of a user's own, with the profile `lab`; removed after the test. */
export function profileOf(user: Pick<S3User, 'accessKeyId' | 'secretAccessKey'>): ProfileSignIn {
  const folder = writeFiles({
    config: '[profile lab]\nregion = us-east-1\n',
    credentials: `[lab]\naws_access_key_id = ${user.accessKeyId}\naws_secret_access_key = ${user.secretAccessKey}\n`,
  });
  const configFile = join(folder, 'config');
  return { from: 'profile', profile: 'lab', configFile, credentialsFile: join(folder, 'credentials') };
}
