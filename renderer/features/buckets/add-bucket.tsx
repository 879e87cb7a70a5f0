import { Autocomplete, Button, Checkbox, PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import type { BucketSettings } from '../../../shared/contract/buckets.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import type { BucketForm } from './bucket-form.ts';
import { EMPTY_FORM, readBucketForm } from './bucket-form.ts';

/** Adds a bucket: where it is, and how one signs in. */
export function AddBucket(): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const navigate = useNavigate();
  const [form, setForm] = useState(EMPTY_FORM);
  const [told, setTold] = useState(false);
  // The same form sent twice is one intention.
  const [requestId] = useState(() => crypto.randomUUID());
  const { settings, problems } = readBucketForm(form);
  const add = useMutation({
    mutationFn: (wanted: BucketSettings) => core.buckets.add({ requestId, ...wanted }),
    onSuccess: ({ name }) => navigate({ to: '/buckets', search: { bucket: name } }),
  });
  const set = (change: Partial<BucketForm>): void => {
    setForm({ ...form, ...change });
    add.reset();
  };
  const text = (field: keyof BucketForm) => ({
    value: String(form[field]),
    error: told ? problems[field] : undefined,
    spellCheck: false,
    autoComplete: 'off',
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => set({ [field]: event.currentTarget.value }),
  });
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    setTold(true);
    if (settings !== null) add.mutate(settings);
  };
  return (
    <section className={styles.section} aria-labelledby="add-bucket">
      <h2 id="add-bucket">Add a bucket</h2>
      <form className={styles.form} onSubmit={submit} noValidate>
        <SegmentedControl
          aria-label="Store"
          value={form.store}
          data={[
            { value: 'other', label: 'A store of your own' },
            { value: 'aws', label: 'AWS' },
          ]}
          onChange={(store) => set({ store: store as BucketForm['store'] })}
        />
        {form.store === 'other' && (
          <div>
            <TextInput
              {...text('endpoint')}
              label="Endpoint"
              description="the S3 address of Ceph, MinIO, R2, B2 or another store"
              placeholder="https://s3.example.org"
              autoFocus
            />
            <Checkbox
              mt={8}
              label="Allow plain http: the network up to the store is ours"
              checked={form.plainHttp}
              onChange={(event) => set({ plainHttp: event.currentTarget.checked })}
            />
          </div>
        )}
        <div className={styles.pairs}>
          <TextInput {...text('bucket')} label="Bucket" description="as the store calls it; it must exist" />
          <TextInput
            {...text('name')}
            label="Name in Slipway"
            description="empty = the same"
            placeholder={form.bucket.trim()}
          />
          <TextInput
            {...text('region')}
            label="Region"
            description={form.store === 'aws' ? 'where the bucket is' : 'often us-east-1'}
          />
        </div>
        <SignIn form={form} set={set} text={text} problem={told ? problems.profile : undefined} />
        <TextInput
          {...text('role')}
          label="Role for jobs"
          description="optional: gives jobs temporary keys for their part of the bucket; without it they get presigned URLs"
          placeholder="arn:aws:iam::123456789012:role/slipway-jobs"
        />
        <div className={styles.actions}>
          <Button type="submit" loading={add.isPending} disabled={stale}>
            Add bucket
          </Button>
          <Button variant="default" renderRoot={(props) => <Link to="/buckets" search={{}} {...props} />}>
            Cancel
          </Button>
        </div>
        {add.isError && <ErrorNote title="The bucket could not be added." error={add.error} />}
      </form>
    </section>
  );
}

interface SignInProps {
  readonly form: BucketForm;
  readonly set: (change: Partial<BucketForm>) => void;
  readonly text: (field: keyof BucketForm) => {
    readonly value: string;
    readonly error: string | undefined;
    readonly onChange: (event: React.ChangeEvent<HTMLInputElement>) => void;
  };
  readonly problem: string | undefined;
}

/** By a profile of the AWS files, or with a key that is typed here. */
function SignIn({ form, set, text, problem }: SignInProps): React.JSX.Element {
  const core = useCore();
  const profiles = useQuery({
    queryKey: ['buckets', 'profiles'],
    queryFn: async ({ signal }) => (await core.buckets.profiles({}, { signal })).profiles,
  });
  return (
    <>
      <SegmentedControl
        aria-label="Sign in"
        value={form.signIn}
        data={[
          { value: 'profile', label: 'Sign in with a profile' },
          { value: 'typed', label: 'Type an access key' },
        ]}
        onChange={(signIn) => set({ signIn: signIn as BucketForm['signIn'] })}
      />
      {form.signIn === 'profile' ? (
        <Autocomplete
          label="Profile"
          description={
            profiles.data?.length === 0
              ? 'of ~/.aws/config and ~/.aws/credentials, where there is none yet'
              : 'of ~/.aws/config and ~/.aws/credentials; SSO and roles work as there'
          }
          data={profiles.data ?? []}
          value={form.profile}
          error={problem}
          spellCheck={false}
          onChange={(profile) => set({ profile })}
        />
      ) : (
        <div className={styles.pairs}>
          <TextInput {...text('accessKeyId')} label="Access key ID" description="as the store gave it" />
          <PasswordInput
            {...text('secretAccessKey')}
            label="Secret access key"
            description="kept in the keyring or vault"
          />
        </div>
      )}
    </>
  );
}
