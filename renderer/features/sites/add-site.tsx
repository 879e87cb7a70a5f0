import { Autocomplete, Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import type { SiteTarget } from '../../../shared/contract/sites.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { FoundSite } from './found-site.tsx';
import { proposedName } from './proposed-name.ts';
import styles from '../../ui/list-detail/list-detail.module.css';

/** Adds a site: choose a host, sign in, see what is there, keep it. */
export function AddSite(): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const navigate = useNavigate();
  const hosts = useQuery({
    queryKey: ['sites', 'hosts'],
    queryFn: async ({ signal }) => (await core.sites.hosts({}, { signal })).hosts,
  });
  const [address, setAddress] = useState('');
  const [identity, setIdentity] = useState('');
  const known = hosts.data ?? [];
  const placeOf = (text: string): { alias: string } | { host: string } =>
    known.some(({ alias }) => alias === text) ? { alias: text } : { host: text };
  const target: SiteTarget = {
    ...placeOf(address.trim()),
    ...(identity.trim() === '' ? {} : { identity: identity.trim() }),
  };
  const probe = useMutation({ mutationFn: () => core.sites.probe({ target }) });
  const add = useMutation({
    mutationFn: ({ name, workdir, via }: { readonly name: string; readonly workdir: string; readonly via: string }) =>
      core.sites.add({
        requestId: crypto.randomUUID(),
        name,
        target,
        workdir,
        ...(via === '' ? {} : { transferHost: placeOf(via) }),
      }),
    onSuccess: (site) => navigate({ to: '/sites', search: { site: site.name } }),
  });
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    probe.reset();
    add.reset();
  };
  const addressOf = (alias: string): string => known.find((host) => host.alias === alias)?.address ?? '';
  return (
    <>
      <section className={styles.section} aria-labelledby="add-site">
        <h2 id="add-site">Add a site</h2>
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            probe.mutate();
          }}
        >
          <div className={styles.pairs}>
            <Autocomplete
              label="Host"
              description={
                known.length === 0
                  ? 'user@host, with :port when it is not 22'
                  : 'one of your SSH configuration, or user@host:port'
              }
              data={known.map(({ alias }) => alias)}
              renderOption={({ option }) => (
                <span>
                  {option.value} <span className={styles.quiet}>{addressOf(option.value)}</span>
                </span>
              )}
              value={address}
              spellCheck={false}
              autoFocus
              onChange={change(setAddress)}
            />
            <TextInput
              label="Private key"
              description="empty = those of your SSH configuration and agent"
              placeholder="~/.ssh/id_ed25519"
              value={identity}
              spellCheck={false}
              onChange={(event) => change(setIdentity)(event.currentTarget.value)}
            />
          </div>
          <div className={styles.actions}>
            <Button
              type="submit"
              variant={probe.data === undefined ? 'filled' : 'default'}
              loading={probe.isPending}
              disabled={stale || address.trim() === ''}
            >
              Sign in and look around
            </Button>
            <Button variant="default" renderRoot={(props) => <Link to="/sites" search={{}} {...props} />}>
              Cancel
            </Button>
          </div>
          {probe.isError && <ErrorNote title="The host could not be looked at." error={probe.error} />}
        </form>
      </section>
      {probe.data !== undefined && (
        <FoundSite
          proposal={probe.data}
          proposedName={proposedName(address)}
          pending={add.isPending}
          error={add.error}
          knownHosts={known.map(({ alias }) => alias)}
          onAdd={(name, workdir, via) => add.mutate({ name, workdir, via })}
        />
      )}
    </>
  );
}
