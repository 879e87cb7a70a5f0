import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forbiddenAddress, isLoopback, readEndpoint } from '../../../shared/domain/s3/endpoint.ts';

const strict = { plainHttp: false };

describe('an endpoint', () => {
  it.each([
    ['s3.example.org', 'https://s3.example.org'],
    ['https://S3.Example.org/', 'https://s3.example.org'],
    ['store:9000', 'https://store:9000'],
    ['https://[2001:db8::1]:9000', 'https://[2001:db8::1]:9000'],
    ['http://127.0.0.1:7480', 'http://127.0.0.1:7480'],
    ['http://localhost:7480', 'http://localhost:7480'],
    ['http://[::1]:7480', 'http://[::1]:7480'],
  ])('%s is reached at %s', (text, url) => {
    expect(readEndpoint(text, strict)).toMatchObject({ ok: true, url });
  });

  it.each([
    ['', /no address/],
    ['https://', /no address/],
    ['ftp://s3.example.org', /not by ftp/],
    ['https://key:secret@s3.example.org', /Keys do not belong/],
    ['https://s3.example.org/bucket', /no path/],
    ['https://s3.example.org/?x=1', /no path/],
    ['http://s3.example.org', /everybody on the way/],
    ['http://10.0.0.7:9000', /everybody on the way/],
    ['http://127.0.0.1.example.org', /everybody on the way/],
    ['https://169.254.169.254', /about themselves/],
    ['https://2852039166', /about themselves/],
    ['https://0xa9fea9fe', /about themselves/],
    ['https://[::ffff:169.254.169.254]', /about themselves/],
    ['https://[fd00:ec2::254]', /about themselves/],
    ['https://[fe80::1]', /one network link/],
    ['https://metadata.google.internal', /about themselves/],
    ['https://100.100.100.200', /about themselves/],
  ])('%s is refused', (text, message) => {
    expect(readEndpoint(text, strict)).toMatchObject({ ok: false, message: expect.stringMatching(message) });
  });

  it('may be plain http where that is asked for, but never the metadata service', () => {
    expect(readEndpoint('http://10.0.0.7:9000', { plainHttp: true })).toMatchObject({ ok: true, loopback: false });
    expect(readEndpoint('http://169.254.169.254', { plainHttp: true }).ok).toBe(false);
  });

  it('is read or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.ipV4(), fc.ipV6()), (text) => {
        const read = readEndpoint(text, strict);
        if (!read.ok) return;
        expect(read.url).toMatch(read.loopback ? /^https?:\/\// : /^https:\/\//);
        // What was read is read the same again.
        expect(readEndpoint(read.url, strict)).toEqual(read);
      }),
    );
  });
});

describe('addresses', () => {
  it('of every link-local network are forbidden, in every notation', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), (a, b) => {
        expect(forbiddenAddress(`169.254.${a}.${b}`)).not.toBeNull();
        expect(forbiddenAddress(`::ffff:169.254.${a}.${b}`)).not.toBeNull();
        expect(forbiddenAddress(`::ffff:a9fe:${((a << 8) | b).toString(16)}`)).not.toBeNull();
      }),
    );
  });

  it.each(['10.0.0.1', '192.168.1.1', '2001:db8::1', 'fd00::1', 's3.amazonaws.com', '::ffff:10.0.0.1'])(
    '%s is allowed and is not this machine',
    (host) => {
      expect(forbiddenAddress(host)).toBeNull();
      expect(isLoopback(host)).toBe(false);
    },
  );

  it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost', 'a.localhost', '::ffff:127.0.0.1'])(
    '%s is this machine',
    (host) => expect(isLoopback(host)).toBe(true),
  );
});
