import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Radosgw, S3User } from './radosgw.ts';

/** Looks at a bucket of the lab from outside, as its owner. */
export class LabBucket {
  readonly #store: Radosgw;
  readonly #owner: S3User;
  readonly name: string;

  constructor(store: Radosgw, owner: S3User, name: string) {
    this.#store = store;
    this.#owner = owner;
    this.name = name;
  }

  async put(key: string, body: string | Uint8Array): Promise<void> {
    const client = this.#store.client(this.#owner);
    await client.send(new PutObjectCommand({ Bucket: this.name, Key: key, Body: body }));
    client.destroy();
  }

  async remove(key: string): Promise<void> {
    const client = this.#store.client(this.#owner);
    await client.send(new DeleteObjectCommand({ Bucket: this.name, Key: key }));
    client.destroy();
  }

  /** Everything below a prefix: key below it → content. */
  async below(prefix: string): Promise<Map<string, string>> {
    const client = this.#store.client(this.#owner);
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: this.name, Prefix: prefix }));
    const found = new Map<string, string>();
    for (const { Key } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: this.name, Key }));
      found.set(Key!.slice(prefix.length), await Body!.transformToString());
    }
    client.destroy();
    return found;
  }
}
