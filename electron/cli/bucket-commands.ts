import type { Command } from 'commander';
import { Option } from 'commander';
import { addressing } from '../../shared/contract/buckets.ts';
import { bucketAdd, bucketCheck, bucketList, bucketPolicy, bucketRemove } from './commands/buckets.ts';
import { ls } from './commands/ls.ts';
import { copy } from './commands/put-get.ts';
import type { CliContext, CoreSession } from './context.ts';
import { fromAndTo, moving } from './transfer-commands.ts';

/** Runs an action of a command with a core, and keeps its exit code. */
type Act = (self: Command, action: (session: CoreSession) => Promise<number>) => Promise<void>;

/** `slipway bucket …` */
export function addBucketCommands(program: Command, context: CliContext, act: Act): void {
  const bucket = program.command('bucket').description("buckets of your own: S3 storage, AWS's or any other");
  bucket
    .command('add <name>')
    .description('keep a bucket, and how to sign in to it')
    .option('--bucket <name>', 'what it is called in the store, when that is another name')
    .option('--endpoint <url>', "the store's S3 address, such as https://s3.example.org (default: AWS)")
    .option('--region <region>', 'such as eu-central-1', 'us-east-1')
    .addOption(
      new Option('--addressing <way>', 'whether the bucket is in the path or in the host name')
        .choices(addressing.options)
        .default('auto'),
    )
    .option('--plain-http', 'allow http to a host that is not this machine')
    .option('--profile <name>', 'sign in with a profile of the AWS configuration files')
    .option('--config-file <file>', 'instead of ~/.aws/config')
    .option('--credentials-file <file>', 'instead of ~/.aws/credentials')
    .option('--access-key-id <id>', 'sign in with this key; its secret is asked for')
    .option('--secret-fd <n>', 'read the secret access key from this file descriptor, such as 0')
    .option('--session-token-fd <n>', 'read the session token of temporary keys from this file descriptor')
    .option('--role <arn>', 'role that gives jobs keys for a part of the bucket')
    .option('--sts-endpoint <url>', 'where that role is taken, when not at the endpoint')
    .action((name, _, self: Command) => act(self, (s) => bucketAdd(context, s, name, self.optsWithGlobals())));
  bucket
    .command('list')
    .description('list buckets')
    .action((_, self: Command) => act(self, (s) => bucketList(context, s, self.optsWithGlobals())));
  bucket
    .command('check <name>')
    .description('try out what Slipway does with it, on small objects that are removed again')
    .action((name, _, self: Command) => act(self, (s) => bucketCheck(context, s, name, self.optsWithGlobals())));
  bucket
    .command('policy <name>')
    .description('print the least rights that Slipway needs, as an IAM policy')
    .option('--role', 'those of the role that jobs are given')
    .action((name, _, self: Command) => act(self, (s) => bucketPolicy(context, s, name, self.optsWithGlobals())));
  bucket
    .command('ls <name/key>')
    .description('list a folder of a bucket; the same as ls bucket:NAME/KEY')
    .option('-a, --all', 'also names that begin with a dot')
    .action((place: string, _, self: Command) =>
      act(self, (s) => ls(context, s, inBucket(place), self.optsWithGlobals())),
    );
  moving(bucket.command('put <paths...>'))
    .usage('[options] <local...> <name/key>')
    .description('send files and folders to a bucket; the same as put … bucket:NAME/KEY')
    .action((paths: string[], _, self: Command) => {
      const { from, to } = fromAndTo(paths, self);
      return act(self, (s) => copy(context, s, from, inBucket(to), self.optsWithGlobals()));
    });
  moving(bucket.command('get <paths...>'))
    .usage('[options] <name/key...> <local>')
    .description('bring files and folders of a bucket here; the same as get bucket:NAME/KEY …')
    .action((paths: string[], _, self: Command) => {
      const { from, to } = fromAndTo(paths, self);
      return act(self, (s) => copy(context, s, from.map(inBucket), to, self.optsWithGlobals()));
    });
  bucket
    .command('remove <name>')
    .description('forget a bucket and its key; nothing is removed from the store')
    .action((name, _, self: Command) => act(self, (s) => bucketRemove(context, s, name, self.optsWithGlobals())));
}

/** `NAME/KEY` as a place. */
function inBucket(text: string): string {
  return text.startsWith('bucket:') ? text : `bucket:${text}`;
}
