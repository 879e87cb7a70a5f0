/** An S3 endpoint as a person gives it, checked: where keys may be sent. */
export type EndpointReading =
  | { readonly ok: true; readonly url: string; readonly loopback: boolean }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/**
 * Reads an endpoint: `https://s3.example.org[:port]`, or a host alone. Plain http is for this machine itself, or where it is asked for.
 * Addresses that cloud machines answer about themselves are never endpoints: a request there could hand out or fetch keys.
 */
export function readEndpoint(text: string, { plainHttp }: { readonly plainHttp: boolean }): EndpointReading {
  const trimmed = text.trim();
  const url = parseUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`);
  if (url === null || url.hostname === '')
    return refuse(
      'This is no address of an S3 endpoint.',
      'Write it like https://s3.example.org or https://host:9000.',
    );
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return refuse(`An S3 endpoint is reached by https, not by ${url.protocol.replace(':', '')}.`, 'Write https://…');
  if (url.username !== '' || url.password !== '')
    return refuse('Keys do not belong into the address.', 'Leave them out; they are asked for separately.');
  if (url.search !== '' || url.hash !== '' || (url.pathname !== '/' && url.pathname !== ''))
    return refuse('An endpoint has no path.', 'Leave out what follows the host; the bucket is given separately.');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const forbidden = forbiddenAddress(host);
  if (forbidden !== null) return refuse(forbidden, 'Give the address of the S3 service itself.');
  const loopback = isLoopback(host);
  if (url.protocol === 'http:' && !loopback && !plainHttp)
    return refuse(
      `Over http everybody on the way could read and change what you send to ${host}.`,
      'Use https, or allow plain http for this bucket if the network is yours.',
    );
  return { ok: true, url: url.origin, loopback };
}

/** Why nothing may be asked at an address, in words; null = it may. Takes IP addresses and the names by which clouds call theirs. */
export function forbiddenAddress(host: string): string | null {
  const name = host.toLowerCase().replace(/\.$/, '');
  const metadata = `${host} answers cloud machines about themselves and is no S3 endpoint.`;
  if (name === 'metadata.google.internal' || name === 'metadata' || name === 'instance-data') return metadata;
  const four = ipv4(name);
  if (four !== null) {
    if (four[0] === 169 && four[1] === 254) return metadata;
    // The metadata service of Alibaba Cloud.
    return four.join('.') === '100.100.100.200' ? metadata : null;
  }
  const six = ipv6(name);
  if (six === null) return null;
  if ((six[0]! & 0xffc0) === 0xfe80) return `${host} is an address of one network link only and is no S3 endpoint.`;
  // The metadata service of AWS.
  return six.map((group) => group.toString(16)).join(':') === 'fd00:ec2:0:0:0:0:0:254' ? metadata : null;
}

/** Whether an address or name is this machine itself. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const four = ipv4(name);
  if (four !== null) return four[0] === 127;
  const six = ipv6(name);
  return six !== null && six.slice(0, 7).every((group) => group === 0) && six[7] === 1;
}

function refuse(message: string, hint: string): EndpointReading {
  return { ok: false, message, hint };
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** Four numbers of an IPv4 address, also of one that is written inside IPv6 (`::ffff:1.2.3.4`, `::ffff:102:304`). */
function ipv4(host: string): number[] | null {
  const plain = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host);
  if (plain !== null) {
    const numbers = plain.slice(1).map(Number);
    return numbers.every((n) => n <= 255) ? numbers : null;
  }
  const mapped = ipv6(host);
  if (mapped === null || !mapped.slice(0, 5).every((group) => group === 0) || mapped[5] !== 0xffff) return null;
  return [mapped[6]! >> 8, mapped[6]! & 255, mapped[7]! >> 8, mapped[7]! & 255];
}

/** Eight groups of an IPv6 address in hex groups; null for anything else. */
function ipv6(host: string): number[] | null {
  if (!/^[0-9a-f:]+$/.test(host) || !host.includes(':')) return null;
  const halves = host.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head!, ...Array.from({ length: halves.length === 1 ? 0 : missing }, () => '0'), ...(tail ?? [])];
  const numbers = groups.map((group) => (/^[0-9a-f]{1,4}$/.test(group) ? Number.parseInt(group, 16) : Number.NaN));
  return numbers.some(Number.isNaN) ? null : numbers;
}
